package dev.quipforge.benchmarks;

import dev.quipforge.benchmarks.StepFigures.Step;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.FeedForwardSpec.Experts;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.pipeline.ScratchNeed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * From the figures of a few blocks to a whole model, by multiplication: dense blocks count as the dense ones that were measured,
 * mixtures as the mixtures, with their experts' time in proportion to the number of experts. Peaks of memory are the largest that
 * were measured; what is on the disk is computed.
 *
 * @param made what was measured
 * @param whole the whole model
 * @param figures of the made model: of every step by block, those of a step in the order of the blocks
 * @param experts experts of the whole model for each that was made
 * @param tuning how much longer a training is than the one that was measured; there is one after every group
 */
record Extrapolation(Architecture made, Architecture whole, List<StepFigures> figures, double experts, double tuning) {

    private static final List<Step> BY_BLOCK =
            List.of(Step.CALIBRATION, Step.REDUCTION, Step.QUANTIZATION, Step.TUNING, Step.EVALUATION);

    /** Whether a block is a mixture of experts. */
    static boolean isMixture(Architecture model, int block) {
        return isMixture(model.blocks().get(block));
    }

    private static boolean isMixture(BlockSpec block) {
        return block.feedForward() instanceof Experts;
    }

    /** One row a step. */
    List<Map<String, Object>> rows(QuantizationConfig config) {
        List<Map<String, Object>> rows = new ArrayList<>();
        String what = "whole model (" + whole.blocks().size() + " blocks), extrapolated";
        for (Step step : BY_BLOCK) {
            List<StepFigures> measured = of(step);
            StepFigures all =
                    new StepFigures(step, seconds(step), 0, Optional.empty(), largest(measured), disk(step, config));
            rows.add(all.row(what));
        }
        return rows;
    }

    private List<StepFigures> of(Step step) {
        return figures.stream().filter(figure -> figure.step() == step).toList();
    }

    private double seconds(Step step) {
        double blocks = whole.blocks().stream()
                .mapToDouble(block -> times(step, block) * mean(step, isMixture(block)))
                .sum();
        return step == Step.EVALUATION ? blocks + besideBlocks() : blocks;
    }

    /** How often a block goes through what was measured. */
    private double times(Step step, BlockSpec block) {
        return step == Step.TUNING ? tuning * block.groups().size() : 1;
    }

    /** Of the blocks of one kind; of all where none of it was made. */
    private double mean(Step step, boolean mixture) {
        List<StepFigures> all = of(step);
        List<StepFigures> ofKind = IntStream.range(0, all.size())
                .filter(block -> isMixture(made, block) == mixture)
                .mapToObj(all::get)
                .toList();
        return (ofKind.isEmpty() ? all : ofKind)
                .stream()
                        .mapToDouble(figure -> figure.seconds(experts))
                        .average()
                        .orElseThrow();
    }

    /** What a comparison takes beside its blocks: embeddings and heads. */
    private double besideBlocks() {
        double comparison =
                of(Step.COMPARISON).stream().mapToDouble(StepFigures::seconds).sum();
        double blocks =
                of(Step.EVALUATION).stream().mapToDouble(StepFigures::seconds).sum();
        return Math.max(0, comparison - blocks);
    }

    private static MemoryPeaks.Seen largest(List<StepFigures> steps) {
        return new MemoryPeaks.Seen(
                steps.stream().mapToLong(step -> step.peaks().device()).max().orElse(0),
                steps.stream().mapToLong(step -> step.peaks().heap()).max().orElse(0),
                steps.stream().mapToLong(step -> step.peaks().resident()).max().orElse(0));
    }

    private long disk(Step step, QuantizationConfig config) {
        ScratchNeed need = new ScratchNeed(whole);
        return switch (step) {
            case CALIBRATION -> need.sums();
            case REDUCTION -> need.hessians();
            case QUANTIZATION -> need.codes(QuantizationScheme.uniform(config));
            case TUNING -> whole.blocks().stream().mapToLong(need::overlays).sum();
            case EVALUATION, ASSEMBLY, COMPARISON, END_TO_END -> 0;
        };
    }
}
