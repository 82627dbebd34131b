package dev.quipforge.engine.compute;

/** Checks of the arguments of {@link TransformerOps} that every backend makes before it computes. */
public final class TransformerShapes {

    private TransformerShapes() {}

    /** Demands a token id that the vocabulary has, and returns it. */
    public static int requireToken(int token, int vocabulary) {
        if (token < 0 || token >= vocabulary) {
            throw new IllegalArgumentException("token: " + token + " (expected: 0 to " + (vocabulary - 1) + ")");
        }
        return token;
    }

    /** Demands arguments that {@link TransformerOps#rotate} can take. */
    public static void requireRotation(Matrix heads, int headWidth, Matrix frequencies, int window, int firstPosition) {
        if (headWidth < 2 || headWidth % 2 != 0 || heads.columns() % headWidth != 0) {
            throw new IllegalArgumentException(
                    "head width: " + headWidth + " (expected: an even divisor of the " + heads.columns() + " columns)");
        }
        Shapes.require("frequencies", frequencies, 1, headWidth / 2);
        if (window < 1 || firstPosition < 0) {
            throw new IllegalArgumentException("window: " + window + " tokens from position " + firstPosition
                    + " (expected: at least 1 from position 0 or later)");
        }
    }

    /** Demands arguments that {@link TransformerOps#causalAttention} can take. */
    public static void requireAttention(
            AttentionGeometry geometry, Matrix query, Matrix key, Matrix value, int windows, Matrix output) {
        if (windows < 1 || query.rows() % windows != 0 || key.rows() % windows != 0 || key.rows() < query.rows()) {
            throw new IllegalArgumentException("attention: " + query.rows() + " queries and " + key.rows() + " keys in "
                    + windows + " windows (expected: multiples of the windows, no fewer keys than queries)");
        }
        Shapes.require("query", query, query.rows(), geometry.heads() * geometry.headWidth());
        Shapes.require("key", key, key.rows(), geometry.keyValueHeads() * geometry.headWidth());
        Shapes.requireSame("value", value, key);
        Shapes.requireSame("output", output, query);
    }
}
