package dev.quipforge.llm.model;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.FeedForwardSpec;
import dev.quipforge.llm.architecture.InputSpec;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.architecture.LinearShape;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.architecture.NormSpec;
import dev.quipforge.llm.architecture.RouterSpec;
import dev.quipforge.llm.architecture.TensorPart;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The linears of an architecture by name, and the names and shapes of its tensors. */
public final class Layout {

    private final Architecture architecture;
    private final List<LinearGroup> groups;
    private final Map<String, Place> linears = new HashMap<>();

    /** Where a linear is. */
    private record Place(LinearGroup group, InputSpec input, LinearSpec linear) {}

    public Layout(Architecture architecture) {
        this.architecture = architecture;
        this.groups = architecture.groups();
        for (LinearGroup group : groups) {
            for (InputSpec input : group.inputs()) {
                input.linears().forEach(linear -> linears.put(linear.name(), new Place(group, input, linear)));
            }
        }
    }

    /** The linears that are quantized, block by block, in the order of {@link BlockSpec#groups}. */
    public List<LinearGroup> groups() {
        return groups;
    }

    /** The names of the groups of every block, in the order of {@link BlockSpec#groups}. */
    public List<List<String>> groupNames() {
        return architecture.blocks().stream()
                .map(block -> block.groups().stream().map(LinearGroup::key).toList())
                .toList();
    }

    /**
     * The group of that name.
     *
     * @param block index of the block
     * @param key name of the group within it
     * @throws InvalidModelException when there is none
     */
    public LinearGroup group(int block, String key) {
        if (block < 0 || block >= architecture.blocks().size()) {
            throw new InvalidModelException(
                    "block",
                    block + " (expected: 0 to " + (architecture.blocks().size() - 1) + ")");
        }
        List<LinearGroup> ofBlock = architecture.blocks().get(block).groups();
        return ofBlock.stream()
                .filter(group -> group.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new InvalidModelException(
                        "group",
                        key + " (expected: one of "
                                + ofBlock.stream().map(LinearGroup::key).toList() + ")"));
    }

    /** The linear of that name. */
    public LinearSpec linear(String name) {
        return place(name).linear;
    }

    /** Where the transform of a linear's input is drawn from: the block and the key of the input that it shares with others. */
    public String inputPath(String linear) {
        Place place = place(linear);
        return place.group.block() + "/" + place.input.key();
    }

    /** The group that a linear is quantized in. */
    public LinearGroup groupOf(String linear) {
        return place(linear).group;
    }

    /** The shape [outputs × inputs] of a linear. */
    public LinearShape shape(String linear) {
        return place(linear).linear.shape();
    }

    private Place place(String linear) {
        Place place = linears.get(linear);
        if (place == null) {
            throw new InvalidModelException(linear, "not a linear of this architecture");
        }
        return place;
    }

    /** Parameters of the dense model: every tensor of {@link #denseTensors()}. */
    public long parameters() {
        return denseTensors().values().stream()
                .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact))
                .sum();
    }

    /** Name and shape of every tensor of the dense model. */
    public Map<String, List<Long>> denseTensors() {
        Map<String, List<Long>> tensors = otherTensors();
        for (LinearGroup group : groups) {
            group.linears()
                    .forEach(linear -> tensors.put(
                            linear.weight().tensor(), linear.weight().shape()));
        }
        return tensors;
    }

    /** Name and shape of every tensor that is no linear's weight. */
    Map<String, List<Long>> otherTensors() {
        long hidden = architecture.sizes().hidden();
        long vocabulary = architecture.sizes().vocabulary();
        Map<String, List<Long>> tensors = new LinkedHashMap<>();
        tensors.put(architecture.embedding().tensor(), List.of(vocabulary, hidden));
        architecture.blocks().forEach(block -> addBlock(block, tensors));
        add(architecture.head().norm(), tensors);
        if (!architecture.head().tied()) {
            tensors.put(architecture.head().tensor(), List.of(vocabulary, hidden));
        }
        return tensors;
    }

    private void addBlock(BlockSpec block, Map<String, List<Long>> tensors) {
        block.allNorms().forEach(norm -> add(norm, tensors));
        block.attention()
                .sinks()
                .ifPresent(sinks -> tensors.put(
                        sinks, List.of((long) block.attention().geometry().heads())));
        if (block.feedForward() instanceof FeedForwardSpec.Experts experts) {
            RouterSpec router = experts.router();
            List<Long> vector = List.of((long) router.experts());
            tensors.put(router.weight(), List.of(vector.getFirst(), (long)
                    architecture.sizes().hidden()));
            router.bias().ifPresent(bias -> tensors.put(bias, vector));
            router.correction().ifPresent(correction -> tensors.put(correction, vector));
        }
        for (LinearSpec linear : block.linears()) {
            linear.bias().ifPresent(bias -> tensors.put(bias.tensor(), bias.shape()));
        }
    }

    private static void add(NormSpec norm, Map<String, List<Long>> tensors) {
        tensors.put(norm.tensor(), List.of((long) norm.width()));
    }

    /** The linears whose weights are parts of one tensor, by its name; a weight that is a tensor of its own is one part. */
    public Map<String, List<LinearSpec>> parts() {
        Map<String, List<LinearSpec>> parts = new LinkedHashMap<>();
        for (LinearGroup group : groups) {
            for (LinearSpec linear : group.linears()) {
                TensorPart weight = linear.weight();
                parts.computeIfAbsent(weight.tensor(), _ -> new ArrayList<>()).add(linear);
            }
        }
        return parts;
    }
}
