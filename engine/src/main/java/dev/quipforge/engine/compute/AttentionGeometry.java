package dev.quipforge.engine.compute;

/**
 * The shape of a grouped-query attention.
 *
 * @param heads query heads
 * @param keyValueHeads key and value heads; divides {@code heads}
 * @param headWidth width of one head of queries and of keys
 * @param valueWidth width of one head of values and of the output
 * @param scale factor of the scores before the softmax, usually 1 / sqrt(headWidth)
 * @param window how many keys a query sees, the one at its own position and those right before it, at least 1;
 *     {@link #UNLIMITED} for all of them
 * @param cap above 0: a score s, scaled, becomes cap · tanh(s / cap) before the softmax; 0: it stays as it is
 */
public record AttentionGeometry(
        int heads, int keyValueHeads, int headWidth, int valueWidth, float scale, int window, float cap) {

    /** The window of an attention that sees every key up to the position of the query. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    public AttentionGeometry {
        if (heads < 1 || keyValueHeads < 1 || heads % keyValueHeads != 0) {
            throw new IllegalArgumentException("attention: " + heads + " heads, " + keyValueHeads
                    + " key/value heads (expected: heads a multiple of key/value heads)");
        }
        if (headWidth < 1 || valueWidth < 1) {
            throw new IllegalArgumentException("attention: heads of width " + headWidth + ", values of width "
                    + valueWidth + " (expected: at least 1)");
        }
        if (window < 1 || !(cap >= 0) || cap == Float.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("attention: window " + window + ", cap " + cap
                    + " (expected: window at least 1, cap finite and at least 0)");
        }
    }

    /** Values as wide as keys, the usual scale 1 / sqrt(headWidth), no window and no cap. */
    public static AttentionGeometry of(int heads, int keyValueHeads, int headWidth) {
        float scale = (float) (1 / Math.sqrt(headWidth));
        return new AttentionGeometry(heads, keyValueHeads, headWidth, headWidth, scale, UNLIMITED, 0);
    }

    /** Query heads that share one head of keys and values. */
    public int sharing() {
        return heads / keyValueHeads;
    }

    /** The first key that a query at {@code position} sees; the last one is at its own position. */
    public int firstSeen(int position) {
        return Math.max(0, position - window + 1);
    }
}
