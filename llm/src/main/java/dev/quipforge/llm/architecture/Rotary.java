package dev.quipforge.llm.architecture;

import dev.quipforge.engine.compute.RotaryGeometry;

/**
 * Rotary position embedding: pairs of columns of a head turn with the position.
 *
 * @param geometry which columns of a head turn, and with which partner; its amplitude is that of {@code scaling}
 * @param theta base θ of the frequencies θ^(−2i/d), d the number of columns that turn
 * @param scaling how the frequencies are stretched for longer texts
 */
public record Rotary(RotaryGeometry geometry, double theta, RotaryScaling scaling) {

    /**
     * With the amplitude of the scaling.
     *
     * @param first first column of a head that turns
     * @param width columns that turn
     */
    public static Rotary of(
            int headWidth, int first, int width, RotaryGeometry.Pairs pairs, double theta, RotaryScaling scaling) {
        return new Rotary(
                new RotaryGeometry(headWidth, first, width, pairs, (float) scaling.amplitude()), theta, scaling);
    }

    /** All columns of a head turn, each with the one half a head further. */
    public static Rotary whole(int headWidth, double theta, RotaryScaling scaling) {
        return of(headWidth, 0, headWidth, RotaryGeometry.Pairs.HALVES, theta, scaling);
    }

    /**
     * The inverse frequencies, one a pair.
     *
     * @param length tokens that the text will have in the end; only some scalings ask
     */
    public float[] frequencies(int length) {
        int width = geometry.width();
        double base = scaling.base(theta, width, length);
        float[] frequencies = new float[width / 2];
        for (int i = 0; i < frequencies.length; i++) {
            double frequency = Math.pow(base, -2.0 * i / width);
            frequencies[i] = (float) scaling.scaled(frequency, i, base, length);
        }
        return frequencies;
    }
}
