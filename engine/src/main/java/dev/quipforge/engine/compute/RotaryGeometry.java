package dev.quipforge.engine.compute;

/**
 * Which columns of a head turn with the position, and in which pairs.
 *
 * @param headWidth width of one head
 * @param first first column that turns
 * @param width columns that turn, even
 * @param pairs which of them turn together
 * @param amplitude factor of what has turned, above 0 (the attention factor of YaRN and of LongRoPE); 1 for none
 */
public record RotaryGeometry(int headWidth, int first, int width, Pairs pairs, float amplitude) {

    /** Columns that turn together. */
    public enum Pairs {
        /** first + i and first + i + width / 2, as in the Llama of Hugging Face. */
        HALVES,
        /** first + 2 i and first + 2 i + 1. */
        NEIGHBOURS
    }

    public RotaryGeometry {
        if (width < 2 || width % 2 != 0 || first < 0 || first > headWidth - width) {
            throw new IllegalArgumentException("rotation: " + width + " columns from " + first + " of a head of "
                    + headWidth + " (expected: an even number, at least 2, within the head)");
        }
        if (!(amplitude > 0) || amplitude == Float.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("rotation: amplitude " + amplitude + " (expected: finite and above 0)");
        }
    }

    /** All columns of a head, in halves, not amplified. */
    public static RotaryGeometry whole(int headWidth) {
        return new RotaryGeometry(headWidth, 0, headWidth, Pairs.HALVES, 1);
    }

    /** Columns from one of a pair to the other. */
    public int distance() {
        return pairs == Pairs.HALVES ? width / 2 : 1;
    }

    /** Columns from the first one of a pair to the first one of the next pair. */
    public int step() {
        return pairs == Pairs.HALVES ? 1 : 2;
    }
}
