package dev.quipforge.llm.model;

import java.util.List;

/**
 * Linears of one block that share an input, and so a Hessian.
 *
 * @param block index of the decoder block
 * @param input the shared input
 * @param linears their full names in order, such as {@code model.layers.0.self_attn.q_proj}
 */
public record LinearGroup(int block, Input input, List<String> linears) {

    public LinearGroup {
        linears = List.copyOf(linears);
    }

    /** The group of one input of one block. */
    public static LinearGroup of(int block, Input input) {
        return new LinearGroup(
                block,
                input,
                input.linears().stream()
                        .map(name -> Layout.BLOCKS + block + "." + name)
                        .toList());
    }

    /** Where files of this group are kept: {@code 3/attention-in}. */
    public String key() {
        return block + "/" + input.key();
    }
}
