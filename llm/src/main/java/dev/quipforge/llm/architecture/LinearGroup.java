package dev.quipforge.llm.architecture;

import java.util.List;

/**
 * Linears of one block that are quantized together: those of one input, or those of a range of experts, each with inputs of
 * its own.
 *
 * @param block index of the decoder block
 * @param key its name within the block, such as {@code attention-in} or {@code experts-0-63}
 * @param inputs what the linears read
 */
public record LinearGroup(int block, String key, List<InputSpec> inputs) {

    public LinearGroup {
        inputs = List.copyOf(inputs);
    }

    /** The group of one input. */
    static LinearGroup of(int block, InputSpec input) {
        return new LinearGroup(block, input.key(), List.of(input));
    }

    /** Where files of this group are kept: {@code 3/attention-in}. */
    public String path() {
        return block + "/" + key;
    }

    /** Its linears in order. */
    public List<LinearSpec> linears() {
        return inputs.stream().flatMap(input -> input.linears().stream()).toList();
    }

    /** The names of its linears, such as {@code model.layers.0.self_attn.q_proj}. */
    public List<String> names() {
        return linears().stream().map(LinearSpec::name).toList();
    }

    /** Number of weights. */
    public long weights() {
        return inputs.stream().mapToLong(InputSpec::weights).sum();
    }
}
