package dev.quipforge.llm.architecture;

import dev.quipforge.llm.architecture.FeedForwardSpec.Experts;
import dev.quipforge.llm.architecture.FeedForwardSpec.Gated;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a decoder block computes:
 *
 * <pre>
 * h += multiplier · after₁(attention(before₁(h)))
 * h += multiplier · after₂(feedForward(before₂(h)))
 * </pre>
 *
 * In a parallel block the feed-forward half reads what the attention reads, and both are added.
 *
 * @param index its place in the model
 * @param attention the first half
 * @param feedForward the second half
 * @param norms before and after the halves
 * @param parallel whether both halves read the same
 * @param residualMultiplier what a half's result is multiplied by
 */
public record BlockSpec(
        int index,
        AttentionSpec attention,
        FeedForwardSpec feedForward,
        Norms norms,
        boolean parallel,
        float residualMultiplier) {

    /** The most bytes of Hessians in one group of experts: what a worker has in memory at once. */
    private static final long GROUP_BYTES = 1L << 30;

    /**
     * The norms of the residual stream; empty where a family has none there.
     *
     * @param attention before the attention
     * @param attentionResult after it
     * @param feedForward before the feed-forward half; a parallel block has none
     * @param feedForwardResult after it
     */
    public record Norms(
            Optional<NormSpec> attention,
            Optional<NormSpec> attentionResult,
            Optional<NormSpec> feedForward,
            Optional<NormSpec> feedForwardResult) {

        /** Before both halves, and none after. */
        public static Norms before(NormSpec attention, NormSpec feedForward) {
            return new Norms(Optional.of(attention), Optional.empty(), Optional.of(feedForward), Optional.empty());
        }

        Stream<NormSpec> all() {
            return Stream.of(attention, attentionResult, feedForward, feedForwardResult)
                    .flatMap(Optional::stream);
        }
    }

    /** A block with norms before both halves, which follow each other. */
    public static BlockSpec of(int index, AttentionSpec attention, FeedForwardSpec feedForward, Norms norms) {
        return new BlockSpec(index, attention, feedForward, norms, false, 1);
    }

    /** What its linears read, in the order in which it is computed. */
    public List<InputSpec> inputs() {
        return Stream.concat(attention.inputs().stream(), feedForward.inputs().stream())
                .toList();
    }

    /** Its linears, in that order. */
    public List<LinearSpec> linears() {
        return inputs().stream().flatMap(input -> input.linears().stream()).toList();
    }

    /** Every norm. */
    public List<NormSpec> allNorms() {
        return Stream.concat(norms.all(), attention.norms().stream()).toList();
    }

    /** What is quantized together: a group an input; experts in ranges whose Hessians fit into memory. */
    public List<LinearGroup> groups() {
        List<LinearGroup> groups = new ArrayList<>();
        attention.inputs().forEach(input -> groups.add(LinearGroup.of(index, input)));
        switch (feedForward) {
            case Gated gated -> gated.inputs().forEach(input -> groups.add(LinearGroup.of(index, input)));
            case Experts experts -> {
                experts.shared()
                        .ifPresent(
                                shared -> shared.inputs().forEach(input -> groups.add(LinearGroup.of(index, input))));
                addRanges(experts.experts(), groups);
            }
        }
        return groups;
    }

    private void addRanges(List<Gated> experts, List<LinearGroup> groups) {
        long bytes = experts.getFirst().inputs().stream()
                .mapToLong(InputSpec::hessianBytes)
                .sum();
        int size = Math.clamp(GROUP_BYTES / bytes, 1, experts.size());
        for (int first = 0; first < experts.size(); first += size) {
            int end = Math.min(experts.size(), first + size);
            groups.add(new LinearGroup(
                    index,
                    "experts-%d-%d".formatted(first, end - 1),
                    experts.subList(first, end).stream()
                            .flatMap(expert -> expert.inputs().stream())
                            .toList()));
        }
    }
}
