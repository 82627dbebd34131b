package dev.quipforge.llm.architecture;

/**
 * A norm of rows: x / sqrt(mean(x²) + ε) ∘ (offset + w), of x less its mean where it is centered.
 *
 * @param tensor name of w
 * @param width length of w; a wider row is normalized piece by piece, as the queries of one head after the other
 * @param epsilon ε
 * @param offset 0, or 1 in families that store their weights as differences from 1
 * @param centered whether it is a layer norm
 */
public record NormSpec(String tensor, int width, float epsilon, float offset, boolean centered) {

    /** The root-mean-square norm. */
    public static NormSpec rms(String tensor, int width, float epsilon) {
        return new NormSpec(tensor, width, epsilon, 0, false);
    }
}
