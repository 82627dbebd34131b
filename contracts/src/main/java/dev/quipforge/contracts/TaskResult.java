package dev.quipforge.contracts;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What came out of a task: a summary; the bulk is in the artifact store. */
public sealed interface TaskResult {

    /**
     * Result of {@link ImportModel}.
     *
     * @param digest SHA-256 over the model's files, hexadecimal
     * @param model prefix of the stored model
     * @param name name for people, the last part of the directory
     * @param parameters number of parameters
     * @param weightBytes bytes of the weights
     * @param groups the linears that will be quantized, block by block; null in newer results, which have {@code blocks}
     * @param blocks the same, blocks of equal groups together, so that a model with many experts fits into a record; null in
     *     results of versions that had {@code groups}
     * @param tokens key of the calibration windows; null when the model is to write them itself
     * @param samples number of calibration windows, or that asked for
     * @param context tokens of one window
     * @param evaluationText key of the evaluation text; null for none
     */
    record ModelImported(
            String digest,
            String model,
            String name,
            long parameters,
            long weightBytes,
            @Nullable List<LinearGroup> groups,
            @Nullable List<BlockRange> blocks,
            @Nullable String tokens,
            int samples,
            int context,
            @Nullable String evaluationText)
            implements TaskResult {

        public ModelImported {
            groups = groups == null ? null : List.copyOf(groups);
            blocks = blocks == null ? null : List.copyOf(blocks);
        }

        /** What will be quantized, block by block, in the order of the groups of a block. */
        public List<LinearGroup> linearGroups() {
            if (blocks == null) {
                return groups == null ? List.of() : groups;
            }
            return blocks.stream().flatMap(BlockRange::linearGroups).toList();
        }
    }

    /**
     * Blocks that follow each other and have the same groups.
     *
     * @param first index of the first
     * @param last index of the last
     * @param groups the groups of each, in the order in which they are quantized
     */
    record BlockRange(int first, int last, List<GroupSize> groups) {

        public BlockRange {
            groups = List.copyOf(groups);
        }

        private Stream<LinearGroup> linearGroups() {
            return IntStream.rangeClosed(first, last)
                    .boxed()
                    .flatMap(block ->
                            groups.stream().map(group -> new LinearGroup(block, group.group(), null, group.weights())));
        }
    }

    /**
     * A group of every block of a range.
     *
     * @param group its name within the block, such as {@code attention-in} or {@code experts-0-63}
     * @param weights number of weights in all of its linears
     */
    record GroupSize(String group, long weights) {}

    /**
     * Linears of one block that are quantized together: those that read one input, and so share a Hessian, or those of a
     * range of experts, whose inputs have a Hessian each.
     *
     * @param block index of the decoder block
     * @param input name of the group within the block, such as {@code attention-in} or {@code experts-0-63}
     * @param linears their names, such as {@code model.layers.0.self_attn.q_proj}; null in newer results
     * @param weights number of weights in all of them
     */
    record LinearGroup(int block, String input, @Nullable List<String> linears, long weights) {

        public LinearGroup {
            linears = linears == null ? null : List.copyOf(linears);
        }
    }

    /** Result of {@link GenerateWindows}: the model wrote {@code tokens} tokens. */
    record WindowsGenerated(String output, long tokens) implements TaskResult {}

    /** Result of {@link JoinWindows}: {@code samples} windows are under {@code output}. */
    record WindowsJoined(String output, int samples) implements TaskResult {}

    /** Result of {@link CalibrateShard}: {@code tokens} tokens were run. */
    record ShardCalibrated(String output, long tokens) implements TaskResult {}

    /** Result of {@link ReduceHessians}. */
    record HessiansReduced(String output, int block, long tokens) implements TaskResult {}

    /** Result of {@link CaptureActivations}: hidden states of {@code tokens} tokens at {@code boundaries} boundaries. */
    record ActivationsCaptured(String output, int boundaries, long tokens) implements TaskResult {}

    /**
     * Result of {@link QuantizeGroup}.
     *
     * @param output key of the codes
     * @param linears one report a linear
     * @param encodeSeconds time in the Viterbi encoder when the group was computed
     */
    record GroupQuantized(String output, List<QuantizedLinear> linears, double encodeSeconds) implements TaskResult {

        public GroupQuantized {
            linears = List.copyOf(linears);
        }
    }

    /**
     * One quantized linear.
     *
     * @param name such as {@code model.layers.0.self_attn.q_proj}
     * @param weights number of weights
     * @param bits bits stored, with sign vectors and scale
     * @param proxyLoss tr((W−Ŵ)H(W−Ŵ)ᵀ) / tr(WHWᵀ)
     * @param damping what had to be added to the diagonal of the Hessian, as a part of its mean; usually 0
     * @param incoherence how the transforms spread weights and Hessian
     * @param kept why the linear is kept in its original precision; null when it is quantized
     * @param expert index of the expert in its block; null for a linear that all tokens go through
     * @param tokens calibration tokens that reached it; null in results of versions that did not say
     * @param prior part of its Hessian that is that of all experts of the block, since few tokens reached this one, 0 to 1;
     *     null likewise
     */
    record QuantizedLinear(
            String name,
            long weights,
            long bits,
            double proxyLoss,
            double damping,
            Incoherence incoherence,
            @Nullable String kept,
            @Nullable Integer expert,
            @Nullable Long tokens,
            @Nullable Double prior) {}

    /**
     * Result of {@link TuneBlock}.
     *
     * @param output key of the tuned weights
     * @param block index of the decoder block
     * @param input the group that was quantized before
     * @param figures what the training did
     */
    record BlockTuned(String output, int block, String input, TuningFigures figures) implements TaskResult {}

    /** Result of {@link TuneModel}: the tuned weights are under {@code output}. */
    record ModelTuned(String output, TuningFigures figures) implements TaskResult {}

    /** Result of {@link AssembleModel}: {@code weightBytes} bytes of weights under {@code output}. */
    record ModelAssembled(String output, long weightBytes) implements TaskResult {}

    /** Result of {@link EvaluateModel}. */
    record ModelEvaluated(String output, Evaluation evaluation) implements TaskResult {}

    /** Result of {@link PublishModel}: the checkpoint under {@code checkpoint} is complete. */
    record ModelPublished(String checkpoint, int files, long bytes) implements TaskResult {}
}
