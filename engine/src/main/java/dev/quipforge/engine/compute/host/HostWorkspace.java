package dev.quipforge.engine.compute.host;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Workspace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/** A workspace over one shared arena. */
final class HostWorkspace implements Workspace {

    private final Arena arena = Arena.ofShared();
    private final AtomicLong bytes = new AtomicLong();
    private final MemoryAccount account;

    HostWorkspace(MemoryAccount account) {
        this.account = account;
    }

    @Override
    public HostMatrix matrix(int rows, int columns) {
        HostMatrix matrix = HostMatrix.allocate(arena, rows, columns);
        count(matrix.data());
        return matrix;
    }

    @Override
    public HostMatrix copyOf(HostMatrix source) {
        HostMatrix copy = matrix(source.rows(), source.columns());
        HostCopies.copy(source, copy);
        return copy;
    }

    @Override
    public HostIntMatrix integers(int rows, int columns) {
        HostIntMatrix matrix = HostIntMatrix.allocate(arena, rows, columns);
        count(matrix.data());
        return matrix;
    }

    @Override
    public HostIntMatrix copyOf(int rows, int columns, int[] source) {
        if (source.length != (long) rows * columns) {
            throw new IllegalArgumentException(
                    "values: " + source.length + " (expected: " + rows + " x " + columns + ")");
        }
        HostIntMatrix copy = integers(rows, columns);
        MemorySegment.copy(source, 0, copy.data(), JAVA_INT, 0, source.length);
        return copy;
    }

    @Override
    public long allocatedBytes() {
        return bytes.get();
    }

    @Override
    public void close() {
        arena.close();
        account.remove(bytes.getAndSet(0));
    }

    private void count(MemorySegment segment) {
        bytes.addAndGet(segment.byteSize());
        account.add(segment.byteSize());
    }
}
