package dev.quipforge.contracts;

import org.jspecify.annotations.Nullable;

/**
 * Command: run the model on a range of calibration windows and store the sums x xᵀ of every input of a linear, a
 * file for each group, and of a block with experts one more: the sum over all of them.
 * Result: {@link TaskResult.ShardCalibrated}.
 *
 * @param model prefix of the imported model
 * @param tokens key of the calibration windows
 * @param firstSample first window
 * @param lastSample last window, exclusive
 * @param output prefix of the sums, {@code <output>/<block>/<group>.safetensors}
 * @param hessians prefix of the Hessians that the sums are for; where those of all blocks are there already, nothing is run and
 *     nothing stored. Null in commands of versions that always did
 */
public record CalibrateShard(
        String model,
        String tokens,
        int firstSample,
        int lastSample,
        String output,
        @Nullable String hessians) implements Task {}
