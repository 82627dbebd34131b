package dev.quipforge.contracts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Command: after one of its groups was quantized, tune the rest of a block, and the sign vectors of what is quantized, to the
 * output of the original block. Result: {@link TaskResult.BlockTuned}.
 *
 * @param model prefix of the imported model
 * @param block index of the decoder block
 * @param input name of the group that was quantized last, such as {@code attention-in} or {@code experts-0-63}
 * @param groups keys of all quantized groups of the block so far, that one last
 * @param overlay key of the tuned weights of the block so far; null before the first tuning
 * @param activations hidden states of the original model
 * @param recipe how the groups were quantized
 * @param tuning how to tune
 * @param output key of the tuned weights
 */
public record TuneBlock(
        String model,
        int block,
        String input,
        List<String> groups,
        @Nullable String overlay,
        Activations activations,
        QuantizationRecipe recipe,
        TuningRecipe tuning,
        String output)
        implements Task {

    public TuneBlock {
        groups = List.copyOf(groups);
    }
}
