package dev.quipforge.contracts;

import org.jspecify.annotations.Nullable;

/**
 * How evenly the weights of a linear and its Hessian are spread (QuIP, definition 1).
 *
 * @param weights μ of the weights
 * @param hessian μ of the Hessian; null where it was not measured
 */
public record Incoherence(Mu weights, @Nullable Mu hessian) {

    /**
     * One μ.
     *
     * @param before of the original
     * @param after of what was rounded
     * @param bound what the papers prove of the latter; null where they give no constants
     */
    public record Mu(double before, double after, @Nullable Double bound) {}
}
