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
    public static void requireRotation(
            Matrix heads, RotaryGeometry geometry, Matrix frequencies, int window, int firstPosition) {
        if (heads.columns() % geometry.headWidth() != 0) {
            throw new IllegalArgumentException("head width: " + geometry.headWidth() + " (expected: a divisor of the "
                    + heads.columns() + " columns)");
        }
        Shapes.require("frequencies", frequencies, 1, geometry.width() / 2);
        if (window < 1 || firstPosition < 0) {
            throw new IllegalArgumentException("window: " + window + " tokens from position " + firstPosition
                    + " (expected: at least 1 from position 0 or later)");
        }
    }

    /** Demands arguments that {@link TransformerOps#causalAttention} can take. */
    public static void requireAttention(
            AttentionGeometry geometry, AttentionInputs inputs, int windows, Matrix output) {
        int queries = inputs.query().rows();
        int keys = inputs.key().rows();
        if (windows < 1 || queries % windows != 0 || keys % windows != 0 || keys < queries) {
            throw new IllegalArgumentException("attention: " + queries + " queries and " + keys + " keys in " + windows
                    + " windows (expected: multiples of the windows, no fewer keys than queries)");
        }
        Shapes.require("query", inputs.query(), queries, geometry.heads() * geometry.headWidth());
        Shapes.require("key", inputs.key(), keys, geometry.keyValueHeads() * geometry.headWidth());
        Shapes.require("value", inputs.value(), keys, geometry.keyValueHeads() * geometry.valueWidth());
        Shapes.require("output", output, queries, geometry.heads() * geometry.valueWidth());
        Matrix sinks = inputs.sinks();
        if (sinks != null) {
            Shapes.require("sinks", sinks, 1, geometry.heads());
        }
    }

    /** Demands arguments that {@link TransformerOps#softCap} and its backward form can take. */
    public static void requireCap(float cap) {
        if (!(cap > 0) || cap == Float.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("cap: " + cap + " (expected: finite and above 0)");
        }
    }

    /** Demands shapes that {@link TransformerOps#addRows} can take. */
    public static void requireAddition(Matrix source, IntMatrix rows, Matrix weights, Matrix target) {
        if (rows.rows() != 1 || rows.columns() != source.rows()) {
            throw new IllegalArgumentException("rows: " + rows.rows() + " x " + rows.columns() + " (expected: 1 x "
                    + source.rows() + ", one for each row of the source)");
        }
        Shapes.require("weights", weights, 1, source.rows());
        Shapes.require("target", target, target.rows(), source.columns());
    }

    /** Demands the index of one of {@code count} rows, and returns it. */
    public static int requireRow(int row, int count) {
        if (row < 0 || row >= count) {
            throw new IllegalArgumentException("row: " + row + " (expected: 0 to " + (count - 1) + ")");
        }
        return row;
    }
}
