package dev.quipforge.llm.quantization;

import org.jspecify.annotations.Nullable;

/**
 * What became of one linear.
 *
 * @param name such as {@code model.layers.0.self_attn.q_proj}
 * @param weights number of weights
 * @param bits bits stored: codes, sign vector, scaled sign vector; those of the original where it is kept
 * @param proxyLoss tr((W−Ŵ)H(W−Ŵ)ᵀ) / tr(WHWᵀ), with the regularized H
 * @param calibration what its Hessian was made of
 * @param incoherence how the transforms spread weights and Hessian
 * @param kept why the linear is kept as it was; null when it is quantized
 */
public record LinearReport(
        String name,
        long weights,
        long bits,
        double proxyLoss,
        Calibration calibration,
        IncoherenceReport incoherence,
        @Nullable String kept) {

    /**
     * What the Hessian of a linear was made of.
     *
     * @param tokens calibration tokens that reached the linear: all, or of an expert those that the router sent there
     * @param prior part of the Hessian that is that of all experts of the block, since too few tokens reached this one: 0 to 1
     * @param damping what had to be added to the diagonal of the regularized Hessian, as a part of its mean; usually 0
     */
    public record Calibration(long tokens, double prior, double damping) {}
}
