package dev.quipforge.llm.quantization;

import org.jspecify.annotations.Nullable;

/**
 * What became of one linear.
 *
 * @param name such as {@code model.layers.0.self_attn.q_proj}
 * @param weights number of weights
 * @param bits bits stored: codes, sign vector, scaled sign vector; those of the original where it is kept
 * @param proxyLoss tr((W−Ŵ)H(W−Ŵ)ᵀ) / tr(WHWᵀ), with the regularized H
 * @param incoherence how the transforms spread weights and Hessian
 * @param kept why the linear is kept as it was; null when it is quantized
 */
public record LinearReport(
        String name,
        long weights,
        long bits,
        double proxyLoss,
        IncoherenceReport incoherence,
        @Nullable String kept) {}
