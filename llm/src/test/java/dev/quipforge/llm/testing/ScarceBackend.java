package dev.quipforge.llm.testing;

import dev.quipforge.engine.compute.CodebookOps;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.DenseOps;
import dev.quipforge.engine.compute.FactorOps;
import dev.quipforge.engine.compute.FloatFormat;
import dev.quipforge.engine.compute.GradientOps;
import dev.quipforge.engine.compute.HadamardOps;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.TransformerOps;
import dev.quipforge.engine.compute.TrellisOps;
import dev.quipforge.engine.compute.Workspace;
import java.lang.foreign.MemorySegment;

/** The vector backend with memory for a given number of allocations; the next one is an {@link OutOfMemoryError}. */
public final class ScarceBackend implements ComputeBackend {

    private final ComputeBackend backend = ComputeBackends.named("vector");
    private int remaining;

    /** Opens one with memory for {@code allocations} matrices. */
    public ScarceBackend(int allocations) {
        this.remaining = allocations;
    }

    /** Makes room for {@code allocations} matrices from now on. */
    public synchronized void allow(int allocations) {
        remaining = allocations;
    }

    private synchronized void take() {
        if (remaining == 0) {
            throw new OutOfMemoryError("the allocations of the test are spent");
        }
        remaining--;
    }

    @Override
    public String name() {
        return backend.name();
    }

    @Override
    public String description() {
        return backend.description();
    }

    @Override
    public Workspace workspace() {
        return new ScarceWorkspace(backend.workspace());
    }

    @Override
    public void upload(HostMatrix source, Matrix target) {
        backend.upload(source, target);
    }

    @Override
    public void upload(FloatFormat format, MemorySegment elements, Matrix target) {
        backend.upload(format, elements, target);
    }

    @Override
    public void download(Matrix source, HostMatrix target) {
        backend.download(source, target);
    }

    @Override
    public int[] download(IntMatrix source) {
        return backend.download(source);
    }

    @Override
    public long allocatedBytes() {
        return backend.allocatedBytes();
    }

    @Override
    public long peakBytes() {
        return backend.peakBytes();
    }

    @Override
    public void resetPeak() {
        backend.resetPeak();
    }

    @Override
    public DenseOps dense() {
        return backend.dense();
    }

    @Override
    public HadamardOps hadamard() {
        return backend.hadamard();
    }

    @Override
    public FactorOps factor() {
        return backend.factor();
    }

    @Override
    public CodebookOps codebook() {
        return backend.codebook();
    }

    @Override
    public TrellisOps trellis() {
        return backend.trellis();
    }

    @Override
    public TransformerOps transformer() {
        return backend.transformer();
    }

    @Override
    public GradientOps gradient() {
        return backend.gradient();
    }

    @Override
    public void close() {
        backend.close();
    }

    private final class ScarceWorkspace implements Workspace {

        private final Workspace workspace;

        private ScarceWorkspace(Workspace workspace) {
            this.workspace = workspace;
        }

        @Override
        public Matrix matrix(int rows, int columns) {
            take();
            return workspace.matrix(rows, columns);
        }

        @Override
        public Matrix copyOf(HostMatrix source) {
            take();
            return workspace.copyOf(source);
        }

        @Override
        public IntMatrix integers(int rows, int columns) {
            take();
            return workspace.integers(rows, columns);
        }

        @Override
        public IntMatrix copyOf(int rows, int columns, int[] source) {
            take();
            return workspace.copyOf(rows, columns, source);
        }

        @Override
        public long allocatedBytes() {
            return workspace.allocatedBytes();
        }

        @Override
        public void close() {
            workspace.close();
        }
    }
}
