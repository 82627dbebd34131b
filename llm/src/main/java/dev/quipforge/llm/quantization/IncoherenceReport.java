package dev.quipforge.llm.quantization;

import org.jspecify.annotations.Nullable;

/**
 * How evenly weights and Hessian are spread (QuIP, definition 1), before and after the transforms.
 *
 * @param weights μ of W: the largest magnitude over the root mean square
 * @param hessian μ of H: the largest magnitude in its eigenvectors times sqrt(n); null where it was not measured
 */
public record IncoherenceReport(Mu weights, @Nullable Mu hessian) {

    /**
     * One μ.
     *
     * @param before of the original
     * @param after of the transformed matrix
     * @param bound what the papers prove of the transformed one, except with a probability of 1 %; null where they give no
     *     constants
     */
    public record Mu(double before, double after, @Nullable Double bound) {}
}
