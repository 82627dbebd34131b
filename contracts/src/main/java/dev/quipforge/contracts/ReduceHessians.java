package dev.quipforge.contracts;

import java.util.List;

/**
 * Command: add the sums of all shards of one block in shard order, in double precision, and divide by the number of tokens; an
 * expert that few tokens reached is filled up with the sum over all experts. The sums are removed once the Hessians of the block
 * are stored. Result: {@link TaskResult.HessiansReduced}.
 *
 * @param block index of the decoder block
 * @param inputs names of the block's groups, such as {@code attention-in} or {@code experts-0-63}
 * @param shards prefixes of the shards, in order
 * @param output prefix of the Hessians, {@code <output>/<block>/<group>.safetensors}
 */
public record ReduceHessians(int block, List<String> inputs, List<String> shards, String output) implements Task {

    public ReduceHessians {
        inputs = List.copyOf(inputs);
        shards = List.copyOf(shards);
    }
}
