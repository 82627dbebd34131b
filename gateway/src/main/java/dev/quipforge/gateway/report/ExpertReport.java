package dev.quipforge.gateway.report;

import dev.quipforge.contracts.TaskResult.QuantizedLinear;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One expert of a block.
 *
 * @param expert its index in the block
 * @param tokens calibration tokens that the router sent to it
 * @param prior part of its Hessians that is that of all experts of the block, 0 to 1
 * @param proxyLoss mean over its quantized linears
 * @param linears its linears
 */
@Schema(name = "ReportExpert")
record ExpertReport(
        @Schema(example = "17") int expert,
        @Schema(example = "4096") long tokens,
        @Schema(example = "0.25") double prior,
        @Schema(example = "0.031") double proxyLoss,
        List<LinearReport> linears) {

    ExpertReport {
        linears = List.copyOf(linears);
    }

    /** The experts among the linears of one block, in order. */
    static List<ExpertReport> of(List<QuantizedLinear> ofBlock) {
        Map<Integer, List<QuantizedLinear>> experts = ofBlock.stream()
                .filter(linear -> linear.expert() != null)
                .collect(Collectors.groupingBy(
                        linear -> Objects.requireNonNull(linear.expert()), TreeMap::new, Collectors.toList()));
        return experts.entrySet().stream()
                .map(expert -> of(expert.getKey(), expert.getValue()))
                .toList();
    }

    private static ExpertReport of(int expert, List<QuantizedLinear> linears) {
        return new ExpertReport(
                expert,
                linears.stream()
                        .map(QuantizedLinear::tokens)
                        .filter(Objects::nonNull)
                        .mapToLong(Long::longValue)
                        .max()
                        .orElse(0),
                linears.stream()
                        .map(QuantizedLinear::prior)
                        .filter(Objects::nonNull)
                        .mapToDouble(Double::doubleValue)
                        .max()
                        .orElse(0),
                linears.stream()
                        .filter(linear -> linear.kept() == null)
                        .mapToDouble(QuantizedLinear::proxyLoss)
                        .average()
                        .orElse(0),
                linears.stream().map(LinearReport::of).toList());
    }

    /** Weights of its linears. */
    long weights() {
        return linears.stream().mapToLong(LinearReport::weights).sum();
    }

    /** Bits that they are stored in. */
    long bits() {
        return linears.stream().mapToLong(LinearReport::bits).sum();
    }
}
