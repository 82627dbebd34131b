package dev.quipforge.cuda.ops;

import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import org.jspecify.annotations.Nullable;

/** The way of operations without a kernel: the vector backend does them on copies in host memory. */
public final class HostDetour implements AutoCloseable {

    private final Transfers transfers;
    private @Nullable ComputeBackend opened;

    /** @param transfers copies to the host and back */
    public HostDetour(Transfers transfers) {
        this.transfers = transfers;
    }

    /** The vector backend, opened when it is first asked for. */
    synchronized ComputeBackend backend() {
        ComputeBackend host = opened;
        if (host == null) {
            host = ComputeBackends.named("vector");
            opened = host;
        }
        return host;
    }

    /** A copy of a matrix of the device in {@code workspace}, one of {@link #backend}. */
    HostMatrix copy(Workspace workspace, Matrix source) {
        HostMatrix copy = HostMatrix.require(workspace.matrix(source.rows(), source.columns()));
        transfers.download(DeviceMatrix.require(source), copy);
        return copy;
    }

    /** Copies a matrix of {@link #backend} to the device, same shape. */
    void store(Matrix source, Matrix target) {
        transfers.upload(HostMatrix.require(source), DeviceMatrix.require(target));
    }

    @Override
    public synchronized void close() {
        if (opened != null) {
            opened.close();
        }
    }
}
