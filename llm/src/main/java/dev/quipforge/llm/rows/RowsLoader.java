package dev.quipforge.llm.rows;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import java.lang.foreign.Arena;
import java.util.stream.IntStream;

/** Brings matrices, however they are stored, into a backend's memory as 32-bit floats, a few rows at a time. */
public final class RowsLoader {

    /** Floats of the host buffer through which a matrix passes. */
    private static final int BUFFER = 1 << 22;

    /** Floats that one thread converts at once. */
    private static final int PART = 1 << 18;

    private RowsLoader() {}

    /**
     * A matrix of {@code workspace} with the values of {@code rows}; what is stored as it is goes there directly.
     *
     * @param backend where to
     * @param workspace owner of the result
     * @param rows the values; their memory must be open to all threads
     */
    public static Matrix load(ComputeBackend backend, Workspace workspace, DenseRows rows) {
        return rows.stored()
                .map(tensor -> WeightLoader.load(backend, workspace, tensor))
                .orElseGet(() -> convert(backend, workspace, rows));
    }

    private static Matrix convert(ComputeBackend backend, Workspace workspace, DenseRows rows) {
        Matrix matrix = workspace.matrix(rows.rows(), rows.columns());
        int step = Math.clamp(BUFFER / Math.max(1, rows.columns()), 1, Math.max(1, rows.rows()));
        try (Arena arena = Arena.ofShared()) {
            HostMatrix buffer = HostMatrix.allocate(arena, step, rows.columns());
            for (int first = 0; first < rows.rows(); first += step) {
                HostMatrix part = buffer.rows(0, Math.min(step, rows.rows() - first));
                fill(rows, first, part);
                backend.upload(part, matrix.rows(first, first + part.rows()));
            }
        }
        return matrix;
    }

    private static void fill(DenseRows rows, int first, HostMatrix target) {
        int height = Math.max(1, PART / Math.max(1, target.columns()));
        IntStream.range(0, Math.ceilDiv(target.rows(), height)).parallel().forEach(i -> {
            int from = i * height;
            rows.copyTo(first + from, target.rows(from, Math.min(target.rows(), from + height)));
        });
    }
}
