package dev.quipforge.llm.checkpoint;

import dev.quipforge.llm.evaluation.Comparison;
import dev.quipforge.llm.quantization.LinearReport;
import java.util.List;
import java.util.Optional;

/**
 * What was measured of a quantized model.
 *
 * @param originalBytes size of the original weights in bytes
 * @param quantizedBytes size of the quantized weights in bytes
 * @param bitsPerWeight stored bits, with sign vectors and scales, per weight of the quantized linears
 * @param meanProxyLoss mean over all linears of tr((W−Ŵ)H(W−Ŵ)ᵀ) / tr(WHWᵀ)
 * @param comparison the model against its original on a text; empty when there was none
 */
public record ModelFigures(
        long originalBytes,
        long quantizedBytes,
        double bitsPerWeight,
        double meanProxyLoss,
        Optional<Comparison> comparison) {

    /** The figures that follow from the reports of all linears. */
    public static ModelFigures of(
            long originalBytes, long quantizedBytes, List<LinearReport> linears, Optional<Comparison> comparison) {
        long weights = linears.stream().mapToLong(LinearReport::weights).sum();
        long bits = linears.stream().mapToLong(LinearReport::bits).sum();
        double loss = linears.stream()
                .filter(linear -> linear.kept() == null)
                .mapToDouble(LinearReport::proxyLoss)
                .average()
                .orElse(0);
        return new ModelFigures(originalBytes, quantizedBytes, (double) bits / weights, loss, comparison);
    }
}
