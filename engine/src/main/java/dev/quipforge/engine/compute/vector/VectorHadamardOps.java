package dev.quipforge.engine.compute.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.HadamardOps;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.vector.lanes.Workers;
import dev.quipforge.engine.hadamard.Hadamard;
import java.lang.foreign.MemorySegment;

/**
 * Fast transforms. Rows are transformed one by one; columns, and rows of few elements, side by side:
 * {@link FastHadamard#WIDTH} at a time are laid next to each other, transformed together, and put back.
 */
final class VectorHadamardOps implements HadamardOps {

    private final Workers workers;

    VectorHadamardOps(Workers workers) {
        this.workers = workers;
    }

    @Override
    public void transformRows(Hadamard transform, Matrix matrix) {
        rows(transform, matrix, false);
    }

    @Override
    public void transformRowsInverse(Hadamard transform, Matrix matrix) {
        rows(transform, matrix, true);
    }

    @Override
    public void transformColumns(Hadamard transform, Matrix matrix) {
        columns(transform, matrix, FastHadamard.ofMany(transform, false));
    }

    @Override
    public void transformColumnsInverse(Hadamard transform, Matrix matrix) {
        columns(transform, matrix, FastHadamard.ofMany(transform, true));
    }

    private void rows(Hadamard transform, Matrix matrix, boolean transposed) {
        Shapes.require("matrix", matrix, matrix.rows(), transform.order());
        HostMatrix host = HostMatrix.require(matrix);
        if (FastHadamard.fillsLanes(transform)) {
            oneByOne(transform.size(), host, FastHadamard.ofOne(transform, transposed));
        } else {
            sideBySide(transform, host, FastHadamard.ofMany(transform, transposed));
        }
    }

    private void oneByOne(int size, HostMatrix host, FastHadamard fast) {
        workers.rows(host.rows(), host.columns(), (first, end) -> {
            float[] scratch = new float[size];
            for (int i = first; i < end; i++) {
                MemorySegment row = host.row(i);
                for (long at = 0; at < row.byteSize(); at += (long) size * Float.BYTES) {
                    MemorySegment.copy(row, JAVA_FLOAT, at, scratch, 0, size);
                    fast.transform(scratch);
                    MemorySegment.copy(scratch, 0, row, JAVA_FLOAT, at, size);
                }
            }
        });
    }

    private void sideBySide(Hadamard transform, HostMatrix host, FastHadamard fast) {
        int size = transform.size();
        int blocks = transform.blocks();
        strips(Math.multiplyExact(host.rows(), blocks), size, (scratch, first, width) -> {
            for (int k = 0; k < width; k++) {
                int vector = first + k;
                gather(host.row(vector / blocks), vector % blocks * size, scratch, k, size);
            }
            fast.transform(scratch);
            for (int k = 0; k < width; k++) {
                int vector = first + k;
                scatter(scratch, k, host.row(vector / blocks), vector % blocks * size, size);
            }
        });
    }

    private void columns(Hadamard transform, Matrix matrix, FastHadamard fast) {
        Shapes.require("matrix", matrix, transform.order(), matrix.columns());
        HostMatrix host = HostMatrix.require(matrix);
        int size = transform.size();
        for (int block = 0; block < transform.blocks(); block++) {
            HostMatrix rows = host.rows(block * size, (block + 1) * size);
            strips(host.columns(), size, (scratch, first, width) -> {
                for (int i = 0; i < size; i++) {
                    MemorySegment.copy(rows.row(i), JAVA_FLOAT, 4L * first, scratch, i * FastHadamard.WIDTH, width);
                }
                fast.transform(scratch);
                for (int i = 0; i < size; i++) {
                    MemorySegment.copy(scratch, i * FastHadamard.WIDTH, rows.row(i), JAVA_FLOAT, 4L * first, width);
                }
            });
        }
    }

    /** Work on up to {@link FastHadamard#WIDTH} vectors, the first of which is vector {@code first}. */
    private interface Strip {
        void run(float[] scratch, int first, int width);
    }

    private void strips(int vectors, int size, Strip strip) {
        int count = Math.ceilDiv(vectors, FastHadamard.WIDTH);
        // several strips share a scratch, and small transforms are not worth a thread each
        int together = Math.max(1, (1 << 16) / (size * FastHadamard.WIDTH));
        workers.each(Math.ceilDiv(count, together), piece -> {
            float[] scratch = new float[size * FastHadamard.WIDTH];
            for (int i = piece * together; i < Math.min(count, (piece + 1) * together); i++) {
                int first = i * FastHadamard.WIDTH;
                strip.run(scratch, first, Math.min(FastHadamard.WIDTH, vectors - first));
            }
        });
    }

    private static void gather(MemorySegment row, int from, float[] scratch, int lane, int size) {
        for (int i = 0; i < size; i++) {
            scratch[i * FastHadamard.WIDTH + lane] = row.getAtIndex(JAVA_FLOAT, from + i);
        }
    }

    private static void scatter(float[] scratch, int lane, MemorySegment row, int to, int size) {
        for (int i = 0; i < size; i++) {
            row.setAtIndex(JAVA_FLOAT, to + i, scratch[i * FastHadamard.WIDTH + lane]);
        }
    }
}
