package dev.quipforge.engine.compute.host;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.FloatFormat;
import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.Workspace;
import java.lang.foreign.MemorySegment;

/** A backend whose matrices are {@link HostMatrix}: upload and download are copies. */
public abstract class HostBackend implements ComputeBackend {

    private final MemoryAccount account = new MemoryAccount();

    /** For subclasses. */
    protected HostBackend() {}

    @Override
    public final Workspace workspace() {
        return new HostWorkspace(account);
    }

    @Override
    public final void upload(HostMatrix source, Matrix target) {
        HostCopies.copy(source, HostMatrix.require(target));
    }

    @Override
    public final void upload(FloatFormat format, MemorySegment elements, Matrix target) {
        Shapes.requireBytes(format, elements.byteSize(), target);
        HostCopies.convert(format, elements, HostMatrix.require(target));
    }

    @Override
    public final void download(Matrix source, HostMatrix target) {
        HostCopies.copy(HostMatrix.require(source), target);
    }

    @Override
    public final int[] download(IntMatrix source) {
        HostIntMatrix host = HostIntMatrix.require(source);
        return host.data()
                .asSlice(0, (long) host.rows() * host.columns() * Integer.BYTES)
                .toArray(JAVA_INT);
    }

    @Override
    public final long allocatedBytes() {
        return account.held();
    }

    @Override
    public final long peakBytes() {
        return account.peak();
    }

    @Override
    public final void resetPeak() {
        account.resetPeak();
    }
}
