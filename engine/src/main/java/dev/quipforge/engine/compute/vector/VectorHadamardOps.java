package dev.quipforge.engine.compute.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.HadamardOps;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.incoherence.Hadamard;
import java.lang.foreign.MemorySegment;

/**
 * Fast transforms of many vectors side by side: {@link FastHadamard#WIDTH} rows or columns at a time are laid next to
 * each other, transformed together, and put back.
 */
final class VectorHadamardOps implements HadamardOps {

    private final Workers workers;

    VectorHadamardOps(Workers workers) {
        this.workers = workers;
    }

    @Override
    public void transformRows(Hadamard transform, Matrix matrix) {
        rows(transform, matrix, FastHadamard.of(transform, false));
    }

    @Override
    public void transformRowsInverse(Hadamard transform, Matrix matrix) {
        rows(transform, matrix, FastHadamard.of(transform, true));
    }

    @Override
    public void transformColumns(Hadamard transform, Matrix matrix) {
        columns(transform, matrix, FastHadamard.of(transform, false));
    }

    @Override
    public void transformColumnsInverse(Hadamard transform, Matrix matrix) {
        columns(transform, matrix, FastHadamard.of(transform, true));
    }

    private void rows(Hadamard transform, Matrix matrix, FastHadamard fast) {
        Shapes.require("matrix", matrix, matrix.rows(), transform.order());
        HostMatrix host = HostMatrix.require(matrix);
        strips(host.rows(), transform.order(), (scratch, first, width) -> {
            for (int k = 0; k < width; k++) {
                gather(host.row(first + k), scratch, k, transform.order());
            }
            fast.transform(scratch);
            for (int k = 0; k < width; k++) {
                scatter(scratch, k, host.row(first + k), transform.order());
            }
        });
    }

    private void columns(Hadamard transform, Matrix matrix, FastHadamard fast) {
        Shapes.require("matrix", matrix, transform.order(), matrix.columns());
        HostMatrix host = HostMatrix.require(matrix);
        strips(host.columns(), transform.order(), (scratch, first, width) -> {
            for (int i = 0; i < transform.order(); i++) {
                MemorySegment.copy(host.row(i), JAVA_FLOAT, 4L * first, scratch, i * FastHadamard.WIDTH, width);
            }
            fast.transform(scratch);
            for (int i = 0; i < transform.order(); i++) {
                MemorySegment.copy(scratch, i * FastHadamard.WIDTH, host.row(i), JAVA_FLOAT, 4L * first, width);
            }
        });
    }

    /** Work on up to {@link FastHadamard#WIDTH} vectors, the first of which is vector {@code first}. */
    private interface Strip {
        void run(float[] scratch, int first, int width);
    }

    private void strips(int vectors, int order, Strip strip) {
        int count = (vectors + FastHadamard.WIDTH - 1) / FastHadamard.WIDTH;
        // several strips share a scratch, and small transforms are not worth a thread each
        int together = Math.max(1, (1 << 16) / (order * FastHadamard.WIDTH));
        workers.each((count + together - 1) / together, piece -> {
            float[] scratch = new float[order * FastHadamard.WIDTH];
            for (int i = piece * together; i < Math.min(count, (piece + 1) * together); i++) {
                int first = i * FastHadamard.WIDTH;
                strip.run(scratch, first, Math.min(FastHadamard.WIDTH, vectors - first));
            }
        });
    }

    private static void gather(MemorySegment row, float[] scratch, int lane, int order) {
        for (int i = 0; i < order; i++) {
            scratch[i * FastHadamard.WIDTH + lane] = row.getAtIndex(JAVA_FLOAT, i);
        }
    }

    private static void scatter(float[] scratch, int lane, MemorySegment row, int order) {
        for (int i = 0; i < order; i++) {
            row.setAtIndex(JAVA_FLOAT, i, scratch[i * FastHadamard.WIDTH + lane]);
        }
    }
}
