package dev.quipforge.engine.compute;

/**
 * The shape of a grouped-query attention.
 *
 * @param heads query heads
 * @param keyValueHeads key and value heads; divides {@code heads}
 * @param headWidth width of one head
 * @param scale factor of the scores before the softmax, usually 1 / sqrt(headWidth)
 */
public record AttentionGeometry(int heads, int keyValueHeads, int headWidth, float scale) {

    public AttentionGeometry {
        if (heads < 1 || keyValueHeads < 1 || headWidth < 1 || heads % keyValueHeads != 0) {
            throw new IllegalArgumentException("attention: " + heads + " heads, " + keyValueHeads
                    + " key/value heads of width " + headWidth + " (expected: heads a multiple of key/value heads)");
        }
    }

    /** The geometry with the usual scale 1 / sqrt(headWidth). */
    public static AttentionGeometry of(int heads, int keyValueHeads, int headWidth) {
        return new AttentionGeometry(heads, keyValueHeads, headWidth, (float) (1 / Math.sqrt(headWidth)));
    }
}
