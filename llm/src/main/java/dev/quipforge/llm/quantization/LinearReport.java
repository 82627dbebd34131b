package dev.quipforge.llm.quantization;

/**
 * What became of one linear.
 *
 * @param name such as {@code model.layers.0.self_attn.q_proj}
 * @param weights number of weights
 * @param bits bits stored: codes, sign vector, scaled sign vector
 * @param proxyLoss tr((W−Ŵ)H(W−Ŵ)ᵀ) / tr(WHWᵀ), with the regularized H
 */
public record LinearReport(String name, long weights, long bits, double proxyLoss) {}
