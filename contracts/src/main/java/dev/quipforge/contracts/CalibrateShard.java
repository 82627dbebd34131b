package dev.quipforge.contracts;

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
 */
public record CalibrateShard(String model, String tokens, int firstSample, int lastSample, String output)
        implements Task {}
