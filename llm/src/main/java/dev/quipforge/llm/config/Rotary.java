package dev.quipforge.llm.config;

/**
 * Rotary position embedding.
 *
 * @param theta base θ of the frequencies θ^(−2i/d)
 * @param scaling how the frequencies are stretched for longer contexts
 */
public record Rotary(double theta, Scaling scaling) {

    /** A stretching of the frequencies. */
    public sealed interface Scaling {}

    /** None. */
    public record Unscaled() implements Scaling {}

    /** Every frequency divided by {@code factor}. */
    public record Linear(double factor) implements Scaling {}

    /**
     * The scaling of Llama 3.1: wavelengths above {@code context / lowFactor} are stretched by {@code factor}, those below
     * {@code context / highFactor} are kept, those between are interpolated.
     */
    public record Llama3(double factor, double lowFactor, double highFactor, int context) implements Scaling {}

    /** The inverse frequencies of heads of width {@code headWidth}, headWidth / 2 of them. */
    public float[] frequencies(int headWidth) {
        float[] frequencies = new float[headWidth / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = (float) scaled(Math.pow(theta, -2.0 * i / headWidth));
        }
        return frequencies;
    }

    private double scaled(double frequency) {
        return switch (scaling) {
            case Unscaled _ -> frequency;
            case Linear(double factor) -> frequency / factor;
            case Llama3(double factor, double low, double high, int context) -> {
                double turns = context * frequency / (2 * Math.PI);
                double kept = Math.clamp((turns - low) / (high - low), 0, 1);
                yield kept * frequency + (1 - kept) * frequency / factor;
            }
        };
    }
}
