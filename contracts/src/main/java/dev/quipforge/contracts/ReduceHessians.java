package dev.quipforge.contracts;

import java.util.List;

/**
 * Command: add the sums of all shards of one block in shard order, in double precision, and divide by the number of tokens.
 * Result: {@link TaskResult.HessiansReduced}.
 *
 * @param block index of the decoder block
 * @param inputs names of the inputs of the block's linears, such as {@code attention-in}
 * @param shards prefixes of the shards, in order
 * @param output prefix of the Hessians, {@code <output>/<block>/<input>.safetensors}
 */
public record ReduceHessians(int block, List<String> inputs, List<String> shards, String output) implements Task {

    public ReduceHessians {
        inputs = List.copyOf(inputs);
        shards = List.copyOf(shards);
    }
}
