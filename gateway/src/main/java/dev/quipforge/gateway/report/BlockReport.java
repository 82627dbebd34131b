package dev.quipforge.gateway.report;

import dev.quipforge.contracts.TaskResult.QuantizedLinear;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/**
 * Every linear of one block.
 *
 * @param block index of the block
 * @param linears those that all tokens go through
 * @param experts the others
 */
@Schema(name = "ReportBlock")
record BlockReport(@Schema(example = "3") int block, List<LinearReport> linears, List<ExpertReport> experts) {

    BlockReport {
        linears = List.copyOf(linears);
        experts = List.copyOf(experts);
    }

    static BlockReport of(int block, List<QuantizedLinear> linears) {
        return new BlockReport(
                block,
                linears.stream()
                        .filter(linear -> linear.expert() == null)
                        .map(LinearReport::of)
                        .toList(),
                ExpertReport.of(linears));
    }
}
