package dev.quipforge.contracts;

import org.jspecify.annotations.Nullable;

/**
 * What was measured of a quantized model.
 *
 * @param evaluation perplexities and divergence; null when the job had no evaluation text
 * @param originalBytes size of the original weights in bytes
 * @param quantizedBytes size of the quantized weights in bytes
 * @param linearBytes size in bytes of the linears in the blocks, as stored, a part of {@code quantizedBytes}; null in tasks of an older
 *     version
 * @param parameters number of parameters of the original model, tied embeddings once; null in tasks of an older version
 * @param bitsPerWeight stored bits, with sign vectors and scales, per weight of the quantized linears
 * @param meanProxyLoss mean over all linears of tr((W−Ŵ)H(W−Ŵ)ᵀ) / tr(WHWᵀ)
 */
public record Figures(
        @Nullable Evaluation evaluation,
        long originalBytes,
        long quantizedBytes,
        @Nullable Long linearBytes,
        @Nullable Long parameters,
        double bitsPerWeight,
        double meanProxyLoss) {}
