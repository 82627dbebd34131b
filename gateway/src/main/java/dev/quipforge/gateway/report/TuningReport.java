package dev.quipforge.gateway.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.quipforge.contracts.TaskResult.BlockTuned;
import dev.quipforge.contracts.TuningFigures;
import dev.quipforge.gateway.plan.Outcome;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What tuning did. Losses are those on windows that nothing was learned from.
 *
 * @param blocks every training of a block, in the order of the plan
 * @param model the training of the whole model; absent when there was none
 */
@Schema(name = "ReportTuning")
@JsonInclude(JsonInclude.Include.NON_NULL)
record TuningReport(List<Block> blocks, @Nullable Training model) {

    TuningReport {
        blocks = List.copyOf(blocks);
    }

    /** A block after one of its groups was quantized. Its loss is the mean squared difference from the original's output. */
    @Schema(name = "ReportTunedBlock")
    record Block(
            @Schema(example = "3") int block,
            @Schema(example = "mlp-in") String input,
            Training training) {}

    /** One training. The loss of a model is the mean divergence from the original's distribution, in nats a token. */
    @Schema(name = "ReportTraining")
    record Training(
            @Schema(example = "0.52") double lossBefore,

            @Schema(example = "0.31", description = "Of the state that was kept; never more than before.")
            double lossAfter,

            @Schema(description = "Loss after every epoch.") List<Double> curve,
            @Schema(example = "224") int trainingWindows,
            @Schema(example = "32") int validationWindows,
            @Schema(example = "61.5") double seconds) {

        Training {
            curve = List.copyOf(curve);
        }

        private static Training of(TuningFigures figures) {
            return new Training(
                    figures.lossBefore(),
                    figures.lossAfter(),
                    figures.curve(),
                    figures.trainingWindows(),
                    figures.validationWindows(),
                    figures.seconds());
        }
    }

    /** What came out; null when nothing was tuned. */
    static @Nullable TuningReport of(Outcome outcome) {
        List<BlockTuned> blocks = outcome.tunedBlocks();
        if (blocks.isEmpty()) {
            return null;
        }
        return new TuningReport(
                blocks.stream()
                        .map(tuned -> new Block(tuned.block(), tuned.input(), Training.of(tuned.figures())))
                        .toList(),
                outcome.tunedModel().map(Training::of).orElse(null));
    }
}
