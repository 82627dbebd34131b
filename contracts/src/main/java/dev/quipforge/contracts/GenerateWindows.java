package dev.quipforge.contracts;

/**
 * Command: have the original model write a range of calibration windows, every token drawn from its distribution. The seed and
 * its number decide a window, so ranges can be written side by side. Result: {@link TaskResult.WindowsGenerated}.
 *
 * @param model prefix of the imported model
 * @param firstSample first window, a multiple of 64
 * @param lastSample last window, exclusive
 * @param context tokens of one window
 * @param seed decides every token
 * @param output key of the windows
 */
public record GenerateWindows(String model, int firstSample, int lastSample, int context, long seed, String output)
        implements Task {}
