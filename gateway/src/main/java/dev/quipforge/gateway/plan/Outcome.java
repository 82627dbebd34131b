package dev.quipforge.gateway.plan;

import dev.quipforge.contracts.Evaluation;
import dev.quipforge.contracts.Figures;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.BlockTuned;
import dev.quipforge.contracts.TaskResult.GroupQuantized;
import dev.quipforge.contracts.TaskResult.ModelAssembled;
import dev.quipforge.contracts.TaskResult.ModelEvaluated;
import dev.quipforge.contracts.TaskResult.ModelImported;
import dev.quipforge.contracts.TaskResult.ModelTuned;
import dev.quipforge.contracts.TaskResult.QuantizedLinear;
import dev.quipforge.contracts.TuningFigures;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What came out of a job so far, added up.
 *
 * @param results results of finished tasks, in the order of the plan
 */
public record Outcome(Collection<TaskResult> results) {

    /** What the first task found. */
    public ModelImported imported() {
        return only(ModelImported.class).orElseThrow(() -> missing("ModelImported"));
    }

    /** Figures for the model card; all groups must be quantized and the model assembled. */
    public Figures figures() {
        long weightBytes = only(ModelAssembled.class)
                .orElseThrow(() -> missing("ModelAssembled"))
                .weightBytes();
        return new Figures(
                evaluation().orElse(null),
                imported().weightBytes(),
                weightBytes,
                linearBytes(),
                imported().parameters(),
                bitsPerWeight(),
                meanProxyLoss());
    }

    /** What was measured, if anything. */
    public Optional<Evaluation> evaluation() {
        return only(ModelEvaluated.class).map(ModelEvaluated::evaluation);
    }

    /** Key prefix of the complete checkpoint, once it is published. */
    public Optional<String> publishedCheckpoint() {
        return only(TaskResult.ModelPublished.class).map(TaskResult.ModelPublished::checkpoint);
    }

    /** Every linear, quantized or kept, in the order of the plan. */
    public List<QuantizedLinear> linears() {
        return all(GroupQuantized.class).stream()
                .flatMap(group -> group.linears().stream())
                .toList();
    }

    /** The same by block, in the order of the blocks. */
    public SortedMap<Integer, List<QuantizedLinear>> linearsByBlock() {
        SortedMap<Integer, List<QuantizedLinear>> blocks = new TreeMap<>();
        for (GroupQuantized group : all(GroupQuantized.class)) {
            blocks.computeIfAbsent(ArtifactNames.blockOf(group.output()), _ -> new ArrayList<>())
                    .addAll(group.linears());
        }
        return blocks;
    }

    /** Mean over the quantized linears of the relative proxy loss. */
    public double meanProxyLoss() {
        return linears().stream()
                .filter(linear -> linear.kept() == null)
                .mapToDouble(QuantizedLinear::proxyLoss)
                .average()
                .orElse(0);
    }

    /** What the tuning of blocks did, in the order of the plan. */
    public List<BlockTuned> tunedBlocks() {
        return all(BlockTuned.class);
    }

    /** What the tuning of the whole model did, if there was one. */
    public Optional<TuningFigures> tunedModel() {
        return only(ModelTuned.class).map(ModelTuned::figures);
    }

    /** Bytes of the linears as stored: a part of the checkpoint's weights, the rest is embedding, head and norms. */
    public long linearBytes() {
        return linears().stream().mapToLong(QuantizedLinear::bits).sum() / Byte.SIZE;
    }

    /** Bits stored per weight of the linears. */
    public double bitsPerWeight() {
        long weights = linears().stream().mapToLong(QuantizedLinear::weights).sum();
        long bits = linears().stream().mapToLong(QuantizedLinear::bits).sum();
        return weights == 0 ? 0 : (double) bits / weights;
    }

    /** Weights encoded per second of encoder time, over the groups that tell it; empty when none does. */
    public OptionalDouble encodeWeightsPerSecond() {
        List<GroupQuantized> timed = all(GroupQuantized.class).stream()
                .filter(group -> group.encodeSeconds() > 0)
                .toList();
        double seconds =
                timed.stream().mapToDouble(GroupQuantized::encodeSeconds).sum();
        long weights = timed.stream()
                .flatMap(group -> group.linears().stream())
                .mapToLong(QuantizedLinear::weights)
                .sum();
        return timed.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(weights / seconds);
    }

    private <R extends TaskResult> Optional<R> only(Class<R> type) {
        return all(type).stream().findFirst();
    }

    private <R extends TaskResult> List<R> all(Class<R> type) {
        return results.stream().filter(type::isInstance).map(type::cast).toList();
    }

    private static IllegalStateException missing(String result) {
        return new IllegalStateException("results of the job: no %s (expected: one)".formatted(result));
    }
}
