package dev.quipforge.llm.checkpoint;

import dev.quipforge.llm.evaluation.Comparison;
import dev.quipforge.llm.quantization.LinearReport;
import java.util.List;
import java.util.Optional;

/**
 * What was measured of a quantized model.
 *
 * @param originalBytes size of the original weights in bytes
 * @param quantizedBytes size of the quantized weights in bytes: of the linears, and of embedding, head and norms
 * @param linears what of it the linears are; empty where a job of an older version did not say
 * @param bitsPerWeight stored bits, with sign vectors and scales, per weight of the quantized linears
 * @param meanProxyLoss mean over all linears of tr((W−Ŵ)H(W−Ŵ)ᵀ) / tr(WHWᵀ)
 * @param comparison the model against its original on a text; empty when there was none
 */
public record ModelFigures(
        long originalBytes,
        long quantizedBytes,
        Optional<Linears> linears,
        double bitsPerWeight,
        double meanProxyLoss,
        Optional<Comparison> comparison) {

    /**
     * The part of a model that is quantized, beside the whole.
     *
     * @param bytes stored bytes of all linears in the blocks: codes, sign vectors, scales, and the weights of those that were kept
     * @param parameters number of parameters of the whole original model, tied embeddings once
     */
    public record Linears(long bytes, long parameters) {

        /** Of which the blocks' linears store so many bits. */
        public static Linears ofBits(long bits, long parameters) {
            return new Linears(bits / Byte.SIZE, parameters);
        }

        /** Stored bits of a whole model of {@code quantizedBytes} bytes per parameter of the original. */
        public double bitsPerParameter(long quantizedBytes) {
            return (double) quantizedBytes * Byte.SIZE / parameters;
        }
    }

    /**
     * The figures that follow from the reports of all linears.
     *
     * @param originalBytes size of the original weights in bytes
     * @param quantizedBytes size of all quantized weights in bytes
     * @param parameters number of parameters of the original model
     * @param linears one report a linear
     * @param comparison the model against its original, where there was a text
     */
    public static ModelFigures of(
            long originalBytes,
            long quantizedBytes,
            long parameters,
            List<LinearReport> linears,
            Optional<Comparison> comparison) {
        long weights = linears.stream().mapToLong(LinearReport::weights).sum();
        long bits = linears.stream().mapToLong(LinearReport::bits).sum();
        double loss = linears.stream()
                .filter(linear -> linear.kept() == null)
                .mapToDouble(LinearReport::proxyLoss)
                .average()
                .orElse(0);
        return new ModelFigures(
                originalBytes,
                quantizedBytes,
                Optional.of(Linears.ofBits(bits, parameters)),
                (double) bits / weights,
                loss,
                comparison);
    }
}
