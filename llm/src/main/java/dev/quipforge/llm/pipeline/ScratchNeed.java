package dev.quipforge.llm.pipeline;

import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.FeedForwardSpec.Experts;
import dev.quipforge.llm.architecture.InputSpec;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.architecture.LinearShape;
import dev.quipforge.llm.calibration.HessianCollector;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.config.TuningMode;
import dev.quipforge.llm.format.Formats;
import dev.quipforge.llm.format.StoredTensor;
import dev.quipforge.llm.format.WeightFormat;
import dev.quipforge.llm.model.Layout;
import dev.quipforge.llm.safetensors.DataType;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Bytes of the files that quantizing a model needs while it runs, from its architecture alone: what a task states before it
 * starts. Headers of files are left out.
 *
 * @param architecture of the model
 */
public record ScratchNeed(Architecture architecture) {

    /** What is trained stands in the result, and in the checkpoint as it is, as it was best, and as two moments. */
    private static final long TRAINED = 5;

    /** The sums of one shard of windows, of all blocks; they are in F32, whatever the windows. */
    public long sums() {
        return architecture.blocks().stream().mapToLong(this::sums).sum();
    }

    /** The sums of one shard for one block, those over all its experts included. */
    public long sums(BlockSpec block) {
        long groups = block.groups().stream().mapToLong(this::hessians).sum();
        return groups
                + (block.feedForward() instanceof Experts experts
                        ? bytes(experts.experts().getFirst().inputs())
                        : 0);
    }

    /** The sums of one shard for one group, or its Hessians: a square matrix of F32 for every input. */
    public long hessians(LinearGroup group) {
        return bytes(group.inputs());
    }

    /** The Hessians of all groups. */
    public long hessians() {
        return architecture.groups().stream().mapToLong(this::hessians).sum();
    }

    /** Those of the group that has most, or its sums over one shard. */
    public long largestHessians() {
        return architecture.groups().stream().mapToLong(this::hessians).max().orElse(0);
    }

    private static long bytes(List<InputSpec> inputs) {
        return inputs.stream().mapToLong(InputSpec::hessianBytes).sum();
    }

    /** The hidden states of windows at one boundary, BF16. */
    public long hiddenStates(int windows, int length) {
        return Math.multiplyExact(
                (long) windows * length, (long) architecture.sizes().hidden() * DataType.BF16.bytes());
    }

    /** Those at every boundary, which tuning reads. */
    public long allHiddenStates(int windows, int length) {
        return Math.multiplyExact(
                hiddenStates(windows, length), architecture.blocks().size() + 1L);
    }

    /** The codes of a group with their vectors. */
    public long codes(LinearGroup group, QuantizationConfig config) {
        WeightFormat format = Formats.of(config);
        return group.linears().stream()
                .mapToLong(linear -> codes(linear.shape(), format))
                .sum();
    }

    /** The codes of all groups. */
    public long codes(QuantizationScheme scheme) {
        return architecture.groups().stream()
                .mapToLong(group -> codes(group, scheme.forGroup(group)))
                .sum();
    }

    private static long codes(LinearShape shape, WeightFormat format) {
        StoredTensor codes = format.codes(
                WeightFormat.padded(shape.outputs(), format.rowUnit()),
                WeightFormat.padded(shape.inputs(), format.columnUnit()));
        long table = format.table().map(ScratchNeed::bytes).orElse(0L);
        return bytes(codes) + table + vectors(shape);
    }

    private static long bytes(StoredTensor tensor) {
        return tensor.shape().stream().reduce((long) tensor.type().bytes(), Math::multiplyExact);
    }

    /** Both vectors of a linear, in the widest form that they have. */
    private static long vectors(LinearShape shape) {
        return ((long) shape.outputs() + shape.inputs()) * Float.BYTES;
    }

    private long vectors() {
        return architecture.blocks().stream().mapToLong(ScratchNeed::vectors).sum();
    }

    private static long vectors(BlockSpec block) {
        return block.linears().stream()
                .mapToLong(linear -> vectors(linear.shape()))
                .sum();
    }

    /** The overlays of a block, one after each of its groups. */
    public long overlays(BlockSpec block) {
        return IntStream.rangeClosed(1, block.groups().size())
                .mapToLong(groups -> overlay(block, groups))
                .sum();
    }

    /** The overlay of a block of which so many groups are quantized: what is dense yet, F32, and the vectors of what is not. */
    private static long overlay(BlockSpec block, int groups) {
        List<LinearGroup> all = block.groups();
        long dense = all.subList(groups, all.size()).stream()
                .mapToLong(LinearGroup::weights)
                .sum();
        return dense * Float.BYTES + vectors(block);
    }

    /** The last overlay of every block, and of one the first two. */
    private long overlaysAtOnce() {
        long two = architecture.blocks().stream()
                .mapToLong(block -> overlay(block, 1)
                        + overlay(block, Math.min(2, block.groups().size())))
                .max()
                .orElse(0);
        return vectors() + two;
    }

    /**
     * A training of a block: its result, and the checkpoint of how far it has come.
     *
     * @param group key of the group that was quantized last, after which what is left of the block is trained
     */
    public long training(BlockSpec block, String group) {
        long dense = 0;
        for (LinearGroup each : block.groups()) {
            dense = each.key().equals(group) ? 0 : dense + each.weights();
        }
        return TRAINED * (dense * Float.BYTES + vectors(block));
    }

    /** Likewise of the whole model, of which vectors, norms and head are trained. */
    public long training() {
        return TRAINED * (others() + vectors());
    }

    /** The checkpoint: codes, and everything that is no linear's weight as wide as it can be. */
    public long checkpoint(QuantizationScheme scheme) {
        return codes(scheme) + others();
    }

    /** Everything that is no linear's weight, F32. */
    private long others() {
        Layout layout = new Layout(architecture);
        long linears =
                architecture.groups().stream().mapToLong(LinearGroup::weights).sum();
        return (layout.parameters() - linears) * Float.BYTES;
    }

    /**
     * The most that {@link LocalQuantization} has on its disk at once, its result included.
     *
     * @param windows of the calibration
     * @param length tokens of each
     * @param scheme how the model is quantized
     * @param tuning what is tuned afterwards
     */
    public long quantization(int windows, int length, QuantizationScheme scheme, TuningMode tuning) {
        int shards = Math.ceilDiv(windows, HessianCollector.SHARD_WINDOWS);
        long calibration = shards * sums() + largestHessians();
        long states = tuning.blocks() ? allHiddenStates(windows, length) : 0;
        long overlays = tuning.blocks() ? overlaysAtOnce() : 0;
        long whole = tuning.endToEnd() ? others() + vectors() : 0;
        long afterwards = hessians() + codes(scheme) + overlays + whole + checkpoint(scheme);
        return states + Math.max(calibration, afterwards);
    }
}
