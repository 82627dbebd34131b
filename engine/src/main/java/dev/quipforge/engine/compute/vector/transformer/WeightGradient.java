package dev.quipforge.engine.compute.vector.transformer;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.vector.dense.Panels;
import dev.quipforge.engine.compute.vector.dense.Products;
import dev.quipforge.engine.compute.vector.dense.Products.Operand;
import dev.quipforge.engine.compute.vector.dense.Products.Result;
import dev.quipforge.engine.compute.vector.lanes.Buffers;
import dev.quipforge.engine.compute.vector.lanes.RowKernels;
import dev.quipforge.engine.compute.vector.lanes.Workers;

/**
 * {@code weightGradient} += {@code outputGradient}ᵀ · {@code input}: a product with few rows and columns and a sum over many
 * tokens. Where it has too few panels for many cores, spans of tokens are summed apart and then added in their order.
 */
record WeightGradient(HostMatrix outputGradient, HostMatrix input, HostMatrix weightGradient) {

    /** Rows and columns of a panel; with half of them OpenBLAS is slower by a third. */
    private static final int PANEL = 384;

    /** Pieces of work that are enough. */
    private static final int PIECES = 16;

    /** Fewest tokens of a span. */
    private static final int SPAN = 512;

    void add(Workers workers, Products products, Buffers buffers) {
        int panels = panels(weightGradient).count();
        int spans = Math.clamp(PIECES / Math.max(1, panels), 1, Math.max(1, input.rows() / SPAN));
        int rows = weightGradient.rows();
        int columns = weightGradient.columns();
        buffers.with((spans - 1L) * rows * columns, buffer -> {
            HostMatrix partial = new HostMatrix(buffer, (spans - 1) * rows, columns, columns);
            workers.each(spans * panels, piece -> {
                int span = piece % spans;
                HostMatrix target = span == 0 ? weightGradient : partial.rows((span - 1) * rows, span * rows);
                sum(products, panels(target).panel(piece / spans), span, spans);
            });
            workers.rows(rows, columns * spans, (first, end) -> {
                for (int i = first; i < end; i++) {
                    for (int span = 1; span < spans; span++) {
                        RowKernels.addScaled(1, partial.row((span - 1) * rows + i), weightGradient.row(i), columns);
                    }
                }
            });
        });
    }

    private static Panels panels(HostMatrix result) {
        return new Panels(result, PANEL, PANEL);
    }

    /** One panel of the sum over the tokens of one span. */
    private void sum(Products products, Panels.Panel panel, int span, int spans) {
        int length = Math.ceilDiv(input.rows(), spans);
        int first = Math.min(input.rows(), span * length);
        int end = Math.min(input.rows(), first + length);
        Operand left = Operand.transposed(outputGradient.rows(first, end));
        Operand right = Operand.plain(input.rows(first, end));
        panel.multiply(products, 1, left, right, span == 0 ? Result.ADDED_TO : Result.REPLACED);
    }
}
