package dev.quipforge.engine.compute;

/** Checks of the arguments of {@link DecodeOps} that every backend makes before it computes. */
public final class DecodeShapes {

    private DecodeShapes() {}

    /** Demands arguments that {@link DecodeOps#project} can take. */
    public static void requireProjection(Matrix input, Matrix weight, Matrix output) {
        Shapes.require("weight", weight, weight.rows(), input.columns());
        Shapes.require("output", output, input.rows(), weight.rows());
    }

    /** Demands arguments that {@link DecodeOps#rotate} can take. */
    public static void requireRotation(Matrix heads, RotaryGeometry geometry, Matrix frequencies, IntMatrix positions) {
        TransformerShapes.requireRotation(heads, geometry, frequencies, 1, 0);
        Shapes.require("positions", positions, 1, heads.rows());
    }

    /** Demands arguments that {@link DecodeOps#putRows} can take. */
    public static void requireRows(Matrix source, IntMatrix rows, Matrix target) {
        Shapes.require("rows", rows, 1, source.rows());
        Shapes.require("target", target, target.rows(), source.columns());
    }

    /** Demands arguments that {@link DecodeOps#attend} can take. */
    public static void requireAttention(AttentionGeometry geometry, PagedInputs inputs, Matrix output) {
        int rows = inputs.query().rows();
        int slots = inputs.keys().rows();
        if (inputs.pageLength() < 1 || slots % inputs.pageLength() != 0) {
            throw new IllegalArgumentException("pages of " + inputs.pageLength() + " positions in " + slots
                    + " rows of keys (expected: at least 1, and whole pages)");
        }
        Shapes.require("query", inputs.query(), rows, geometry.heads() * geometry.headWidth());
        Shapes.require("keys", inputs.keys(), slots, geometry.keyValueHeads() * geometry.headWidth());
        Shapes.require("values", inputs.values(), slots, geometry.keyValueHeads() * geometry.valueWidth());
        Shapes.require("output", output, rows, geometry.heads() * geometry.valueWidth());
        Shapes.require("texts", inputs.texts(), 1, rows);
        Shapes.require("lengths", inputs.lengths(), 1, rows);
        Matrix sinks = inputs.sinks();
        if (sinks != null) {
            Shapes.require("sinks", sinks, 1, geometry.heads());
        }
    }

    /** Demands that a token of text {@code text} sees no more than the tables have pages for. */
    public static void requireLength(PagedInputs inputs, int text, int length) {
        long most = (long) inputs.tables().columns() * inputs.pageLength();
        if (text < 0 || text >= inputs.tables().rows() || length < 0 || length > most) {
            throw new IllegalArgumentException(
                    "attention: " + length + " positions of text " + text + " (expected: 0 to " + most + " of one of "
                            + inputs.tables().rows() + ")");
        }
    }

    /** Demands a page that the cache has, and returns it. */
    public static int requirePage(PagedInputs inputs, int page) {
        int pages = inputs.keys().rows() / inputs.pageLength();
        if (page < 0 || page >= pages) {
            throw new IllegalArgumentException("page: " + page + " (expected: 0 to " + (pages - 1) + ")");
        }
        return page;
    }
}
