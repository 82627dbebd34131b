package dev.quipforge.engine.compute.vector;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.vector.Products.Operand;
import dev.quipforge.engine.compute.vector.Products.Result;

/**
 * The result of a product, cut into panels of fixed size, each of which is one piece of work: no sum depends on the number
 * of cores.
 *
 * @param result the whole of it
 * @param height rows of a panel; the last ones may have fewer
 * @param width columns of a panel likewise
 */
record Panels(HostMatrix result, int height, int width) {

    private static final int WIDTH = 512;

    /** Rows from which on higher panels, which cost OpenBLAS less copying, are still enough for many cores. */
    private static final int MANY_ROWS = 2048;

    /** Panels for products in general: wide, and high where there are many rows. */
    static Panels of(HostMatrix result) {
        return new Panels(result, result.rows() < MANY_ROWS ? 128 : 256, WIDTH);
    }

    /** A part of the result. */
    record Panel(HostMatrix whole, int firstRow, int firstColumn, int endRow, int endColumn) {

        /** This part of alpha · a · b, which are the operands of the whole product. */
        void multiply(Products products, float alpha, Operand a, Operand b, Result result) {
            HostMatrix c = whole.rows(firstRow, endRow).columns(firstColumn, endColumn);
            products.multiply(alpha, a.rows(firstRow, endRow), b.columns(firstColumn, endColumn), c, result);
        }
    }

    /** What is done to a panel. */
    interface Body {
        void run(Panel panel);
    }

    /** Runs {@code body} for every panel, in any order. */
    void each(Workers workers, Body body) {
        workers.each(count(), piece -> body.run(panel(piece)));
    }

    int count() {
        return Math.ceilDiv(result.rows(), height) * Math.ceilDiv(result.columns(), width);
    }

    Panel panel(int index) {
        int across = Math.ceilDiv(result.columns(), width);
        int row = index / across * height;
        int column = index % across * width;
        int endRow = Math.min(result.rows(), row + height);
        return new Panel(result, row, column, endRow, Math.min(result.columns(), column + width));
    }
}
