package dev.quipforge.engine.rounding;

import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.compute.CodebookOps;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;

/**
 * Rounds to a codebook and keeps the codes. A block may hold several vectors side by side; BlockLDLQ and coordinate descent
 * are called with the dimension of the codebook as their block, so that each vector sees the errors of the one behind it.
 *
 * <p>Codes of a block that is rounded again replace the old ones, so that {@link #codes()} are those of the last pass.
 */
public final class CodebookRounder implements BlockRounder {

    private final ComputeBackend backend;
    private final Codebook codebook;
    private final CodeMatrix codes;

    /**
     * @param backend where the matrices live
     * @param codebook what to round to
     * @param rows m of the whole matrix
     * @param columns n of the whole matrix, a multiple of the dimension
     */
    public CodebookRounder(ComputeBackend backend, Codebook codebook, int rows, int columns) {
        if (columns % codebook.dimension() != 0) {
            throw new IllegalArgumentException(
                    "columns: " + columns + " (expected: a multiple of " + codebook.dimension() + ")");
        }
        this.backend = backend;
        this.codebook = codebook;
        this.codes = new CodeMatrix(rows, columns / codebook.dimension(), codebook.bits() * codebook.dimension());
    }

    @Override
    public void round(int firstColumn, Matrix target, Matrix rounded) {
        int first = firstColumn / codebook.dimension();
        int width = target.columns() / codebook.dimension();
        try (Workspace workspace = backend.workspace()) {
            IntMatrix found = workspace.integers(target.rows(), width);
            backend.codebook().encode(codebook, target, found, rounded);
            keep(first, found);
        }
    }

    @Override
    public boolean roundSpan(int firstColumn, CodebookOps.Span span) {
        Matrix weights = span.weights();
        try (Workspace workspace = backend.workspace()) {
            IntMatrix found = workspace.integers(weights.rows(), weights.columns());
            boolean done = codebook.dimension() == 1 && backend.codebook().roundSpan(codebook, span, found);
            if (done) {
                keep(firstColumn, found);
            }
            return done;
        }
    }

    /** Takes codes of columns from {@code first} on. */
    private void keep(int first, IntMatrix found) {
        int width = found.columns();
        int[] host = backend.download(found);
        for (int i = 0; i < host.length; i++) {
            codes.set(i / width, first + i % width, host[i]);
        }
    }

    /** The codes of all vectors that were rounded, [m × n / dimension]. Shared: later calls change it. */
    public CodeMatrix codes() {
        return codes;
    }
}
