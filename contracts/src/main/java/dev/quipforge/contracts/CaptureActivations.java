package dev.quipforge.contracts;

/**
 * Command: run the original model on a range of calibration windows and store the hidden states at every boundary between
 * blocks, which tuning reads and aims at. Result: {@link TaskResult.ActivationsCaptured}.
 *
 * @param model prefix of the imported model
 * @param tokens key of the calibration windows
 * @param firstSample first window
 * @param lastSample last window, exclusive
 * @param output prefix of the hidden states, {@code <output>/<boundary>/<first>-<last>.safetensors}; boundary 0 is the input
 *     of block 0, the last one the output of the last block
 */
public record CaptureActivations(String model, String tokens, int firstSample, int lastSample, String output)
        implements Task {}
