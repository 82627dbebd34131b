package dev.quipforge.engine.trellis;

/**
 * What the states of a trellis stand for. To add a code: one implementation, and one line in {@link TrellisCodes}.
 *
 * <p>Two codes that are equal have the same table.
 */
public interface TrellisCode {

    /** The name in recipes and checkpoints, such as {@code 3inst}. */
    String name();

    /** V, weights that one state stands for. */
    int values();

    /**
     * The values of all states: those of state s are at s · V … s · V + V − 1.
     *
     * @param stateBits L; the table has 2^L · V elements
     */
    float[] table(int stateBits);
}
