package dev.quipforge.engine.codebook;

/**
 * A finite set of vectors, each with a code. The set of codebooks is closed: layouts of packed codes and kernels of the backends
 * are made for each of them. To add one: an implementation that is permitted here, a line in {@link Codebooks}, and whatever the
 * compiler then misses in switches over codebooks.
 *
 * <p>Implementations are immutable and safe for use by several threads.
 */
public sealed interface Codebook permits EightP, ResidualEightP, ScalarGrid {

    /** The name in recipes and checkpoints, such as {@code e8p}. */
    String name();

    /** Bits per weight. */
    int bits();

    /** Weights that one code stands for. */
    int dimension();

    /** The root mean square of Gaussian weights that are encoded with the least error relative to it. */
    double scale();

    /**
     * The root mean square that weights should have before they are rounded with feedback, which widens what is encoded:
     * at most {@link #scale()}.
     */
    default double scaleWithFeedback() {
        return scale();
    }

    /**
     * The code of a nearest vector, by squared Euclidean distance; for codebooks of several stages, of the best combination
     * of a few.
     *
     * @param vector holds the coordinates
     * @param first where they begin
     */
    int encode(float[] vector, int first);

    /**
     * Writes the vector of {@code code}.
     *
     * @param code a code of {@link #bits()} · {@link #dimension()} bits
     * @param vector receives the coordinates
     * @param first where they begin
     */
    void decode(int code, float[] vector, int first);
}
