package dev.quipforge.engine.compute.vector.dense;

import dev.quipforge.engine.compute.FactorOps;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.NotPositiveDefiniteException;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.host.HostCopies;
import dev.quipforge.engine.compute.vector.dense.Products.Operand;
import dev.quipforge.engine.compute.vector.dense.Products.Result;
import dev.quipforge.engine.compute.vector.lanes.Workers;
import java.lang.foreign.Arena;

/** {@link FactorOps} by blocks: small triangles on one thread, everything below them as products on all cores. */
public final class VectorFactorOps implements FactorOps {

    /** Columns that one step of the Cholesky factorization settles. */
    private static final int STEP = 128;

    /** Rows of one piece of work. */
    private static final int PANEL = 128;

    private final Workers workers;
    private final Products products;

    /**
     * @param workers stay the caller's to close
     * @param products multiplies panels and small blocks
     */
    public VectorFactorOps(Workers workers, Products products) {
        this.workers = workers;
        this.products = products;
    }

    @Override
    public void cholesky(Matrix symmetric) {
        Shapes.requireSquare("matrix", symmetric);
        HostMatrix matrix = HostMatrix.require(symmetric);
        int order = matrix.rows();
        for (int first = 0; first < order; first += STEP) {
            int end = Math.min(order, first + STEP);
            int bad = Triangles.cholesky(square(matrix, first, end));
            if (bad >= 0) {
                throw new NotPositiveDefiniteException(first + bad);
            }
            if (end < order) {
                settle(matrix, first, end);
                update(matrix, first, end);
            }
        }
        clearUpper(matrix);
    }

    /** The columns below a diagonal block that is settled: times the inverse of its transpose. */
    private void settle(HostMatrix matrix, int first, int end) {
        try (Arena arena = Arena.ofShared()) {
            HostMatrix inverse = Triangles.inverse(arena, square(matrix, first, end));
            HostMatrix below = matrix.rows(end, matrix.rows()).columns(first, end);
            multiplyInPlace(arena, below, Operand.transposed(inverse));
        }
    }

    /** What is left of the lower triangle, less the product of the settled columns with themselves. */
    private void update(HostMatrix matrix, int first, int end) {
        HostMatrix settled = matrix.rows(end, matrix.rows()).columns(first, end);
        HostMatrix rest = square(matrix, end, matrix.rows());
        int panels = (rest.rows() + PANEL - 1) / PANEL;
        // the last panel row is the longest: it goes first
        workers.each(panels, piece -> {
            int top = (panels - 1 - piece) * PANEL;
            int bottom = Math.min(rest.rows(), top + PANEL);
            Operand left = Operand.plain(settled.rows(top, bottom));
            Operand right = Operand.transposed(settled.rows(0, bottom));
            products.multiply(-1, left, right, rest.rows(top, bottom).columns(0, bottom), Result.ADDED_TO);
        });
    }

    @Override
    public void blockUnitLower(Matrix cholesky, int block) {
        Shapes.requireBlocks("matrix", cholesky, block);
        HostMatrix matrix = HostMatrix.require(cholesky);
        int order = matrix.rows();
        workers.each(order / block, k -> {
            int first = k * block;
            int end = first + block;
            HostMatrix diagonal = square(matrix, first, end);
            try (Arena arena = Arena.ofConfined()) {
                HostMatrix inverse = Triangles.inverse(arena, diagonal);
                HostMatrix below = matrix.rows(end, order).columns(first, end);
                HostMatrix copy = HostMatrix.allocate(arena, below.rows(), block);
                HostCopies.copy(below, copy);
                products.multiply(1, Operand.plain(copy), Operand.plain(inverse), below, Result.REPLACED);
            }
            for (int i = 0; i < block; i++) {
                diagonal.row(i).fill((byte) 0);
            }
        });
    }

    @Override
    public void eigenvectors(Matrix symmetric) {
        Shapes.requireSquare("matrix", symmetric);
        products.eigenvectors(HostMatrix.require(symmetric));
    }

    private void multiplyInPlace(Arena arena, HostMatrix rows, Operand factor) {
        HostMatrix copy = HostMatrix.allocate(arena, rows.rows(), rows.columns());
        workers.each((rows.rows() + PANEL - 1) / PANEL, piece -> {
            int top = piece * PANEL;
            int bottom = Math.min(rows.rows(), top + PANEL);
            HostCopies.copy(rows.rows(top, bottom), copy.rows(top, bottom));
            Operand left = Operand.plain(copy.rows(top, bottom));
            products.multiply(1, left, factor, rows.rows(top, bottom), Result.REPLACED);
        });
    }

    private static void clearUpper(HostMatrix square) {
        for (int i = 0; i < square.rows() - 1; i++) {
            square.row(i).asSlice((i + 1L) * Float.BYTES).fill((byte) 0);
        }
    }

    private static HostMatrix square(HostMatrix matrix, int first, int end) {
        return matrix.rows(first, end).columns(first, end);
    }
}
