package dev.quipforge.contracts;

import org.jspecify.annotations.Nullable;

/**
 * Command: quantize the linears of one group of a block. Result: {@link TaskResult.GroupQuantized}.
 *
 * @param model prefix of the imported model
 * @param block index of the decoder block
 * @param input name of the group within the block, such as {@code attention-in} or {@code experts-0-63}
 * @param hessian key of the Hessians of its inputs
 * @param overlay key of tuned weights of the block, which take the place of the model's; null for none
 * @param recipe how
 * @param output key of the codes, sign vectors and scales
 */
public record QuantizeGroup(
        String model,
        int block,
        String input,
        String hessian,
        @Nullable String overlay,
        QuantizationRecipe recipe,
        String output)
        implements Task {}
