package dev.quipforge.cuda;

import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.compute.CodebookOps;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.Workspace;

/** {@link CodebookOps} of a device, by way of the host. */
final class CudaCodebookOps implements CodebookOps {

    private final Transfers transfers;
    private final HostDetour detour;

    CudaCodebookOps(Transfers transfers, HostDetour detour) {
        this.transfers = transfers;
        this.detour = detour;
    }

    @Override
    public void encode(Codebook codebook, Matrix vectors, IntMatrix codes, Matrix decoded) {
        Shapes.require("vectors", vectors, codes.rows(), codes.columns() * codebook.dimension());
        Shapes.requireSame("decoded", decoded, vectors);
        DeviceIntMatrix target = DeviceIntMatrix.require(codes);
        ComputeBackend host = detour.backend();
        try (Workspace workspace = host.workspace()) {
            Matrix copy = detour.copy(workspace, vectors);
            IntMatrix found = workspace.integers(codes.rows(), codes.columns());
            host.codebook().encode(codebook, copy, found, copy);
            transfers.upload(host.download(found), target.address());
            detour.store(copy, decoded);
        }
    }

    @Override
    public void decode(Codebook codebook, IntMatrix codes, Matrix decoded) {
        Shapes.require("decoded", decoded, codes.rows(), codes.columns() * codebook.dimension());
        DeviceIntMatrix source = DeviceIntMatrix.require(codes);
        ComputeBackend host = detour.backend();
        try (Workspace workspace = host.workspace()) {
            int[] integers = transfers.integers(source.address(), source.size());
            IntMatrix copy = workspace.copyOf(codes.rows(), codes.columns(), integers);
            Matrix vectors = workspace.matrix(decoded.rows(), decoded.columns());
            host.codebook().decode(codebook, copy, vectors);
            detour.store(vectors, decoded);
        }
    }
}
