package dev.quipforge.engine.compute.vector.dense;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.vector.dense.Products.Operand;
import dev.quipforge.engine.compute.vector.dense.Products.Result;
import dev.quipforge.engine.compute.vector.lanes.Workers;

/**
 * The result of a product, cut into panels of fixed size, each of which is one piece of work: no sum depends on the number
 * of cores.
 *
 * @param result the whole of it
 * @param height rows of a panel; the last ones may have fewer
 * @param width columns of a panel likewise
 */
public record Panels(HostMatrix result, int height, int width) {

    private static final int WIDTH = 512;

    /** Rows from which on higher panels, which cost OpenBLAS less copying, are still enough for many cores. */
    private static final int MANY_ROWS = 2048;

    /** Panels for products in general: wide, and high where there are many rows. */
    public static Panels of(HostMatrix result) {
        return new Panels(result, result.rows() < MANY_ROWS ? 128 : 256, WIDTH);
    }

    /**
     * A part of the result.
     *
     * @param whole the result
     * @param firstRow its first row
     * @param firstColumn its first column
     * @param endRow the row behind its last one
     * @param endColumn the column behind its last one
     */
    public record Panel(HostMatrix whole, int firstRow, int firstColumn, int endRow, int endColumn) {

        /** This part of alpha · a · b, which are the operands of the whole product. */
        public void multiply(Products products, float alpha, Operand a, Operand b, Result result) {
            HostMatrix c = whole.rows(firstRow, endRow).columns(firstColumn, endColumn);
            products.multiply(alpha, a.rows(firstRow, endRow), b.columns(firstColumn, endColumn), c, result);
        }
    }

    /** What is done to a panel. */
    public interface Body {

        /** Works on one panel, beside those that other threads work on. */
        void run(Panel panel);
    }

    /** Runs {@code body} for every panel, in any order. */
    public void each(Workers workers, Body body) {
        workers.each(count(), piece -> body.run(panel(piece)));
    }

    /** How many panels there are. */
    public int count() {
        return Math.ceilDiv(result.rows(), height) * Math.ceilDiv(result.columns(), width);
    }

    /** The panel with this number, from 0; they are counted row by row. */
    public Panel panel(int index) {
        int across = Math.ceilDiv(result.columns(), width);
        int row = index / across * height;
        int column = index % across * width;
        int endRow = Math.min(result.rows(), row + height);
        return new Panel(result, row, column, endRow, Math.min(result.columns(), column + width));
    }
}
