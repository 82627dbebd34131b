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

    /** A part of the result. */
    record Panel(HostMatrix whole, int firstRow, int firstColumn, int endRow, int endColumn) {

        /** This part of alpha · a · b, which are the operands of the whole product. */
        void multiply(Products products, float alpha, Operand a, Operand b, Result result) {
            HostMatrix c = whole.rows(firstRow, endRow).columns(firstColumn, endColumn);
            products.multiply(alpha, a.rows(firstRow, endRow), b.columns(firstColumn, endColumn), c, result);
        }
    }

    interface Body {
        void run(Panel panel);
    }

    /** Runs {@code body} for every panel, in any order. */
    void each(Workers workers, Body body) {
        int across = Math.ceilDiv(result.columns(), width);
        workers.each(Math.ceilDiv(result.rows(), height) * across, piece -> {
            int row = piece / across * height;
            int column = piece % across * width;
            body.run(new Panel(
                    result,
                    row,
                    column,
                    Math.min(result.rows(), row + height),
                    Math.min(result.columns(), column + width)));
        });
    }
}
