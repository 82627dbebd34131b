package dev.quipforge.cuda.ops;

import dev.quipforge.cuda.driver.CudaDevice;
import dev.quipforge.cuda.driver.DeviceIntMatrix;
import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Kernels;
import dev.quipforge.cuda.driver.Launch;
import dev.quipforge.cuda.driver.Scratch;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.cuda.library.DeviceBatch;
import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.codebook.EightP;
import dev.quipforge.engine.codebook.ResidualEightP;
import dev.quipforge.engine.codebook.ScalarGrid;
import dev.quipforge.engine.compute.CodebookOps;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.compute.host.HostCodes;
import dev.quipforge.engine.packing.PackedCodes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@link CodebookOps} on a device; codebooks without a kernel go by way of the host. */
public final class CudaCodebookOps implements CodebookOps {

    private static final int MOST_BLOCKS = 4096;

    /** Columns of a span, rows of a block and parts of grid_ldlq.cu. */
    private static final int MOST_COLUMNS = 128;

    private static final int ROWS_OF_A_BLOCK = 16;
    private static final int MOST_PARTS = 65535;

    private final CudaDevice device;
    private final Kernels kernels;
    private final DeviceMemory memory;
    private final Transfers transfers;
    private final DeviceTables grids;
    private final HostDetour detour;
    private @Nullable EightPTables tables;

    /**
     * Everything handed in stays the caller's to close.
     *
     * @param device the GPU
     * @param kernels our kernels on it
     * @param memory lends scratch memory
     * @param transfers copies
     * @param grids tables of grids on the GPU
     * @param detour takes small work to the host
     */
    public CudaCodebookOps(
            CudaDevice device,
            Kernels kernels,
            DeviceMemory memory,
            Transfers transfers,
            DeviceTables grids,
            HostDetour detour) {
        this.device = device;
        this.kernels = kernels;
        this.memory = memory;
        this.transfers = transfers;
        this.grids = grids;
        this.detour = detour;
    }

    @Override
    public void encode(Codebook codebook, Matrix vectors, IntMatrix codes, Matrix decoded) {
        Shapes.require("vectors", vectors, codes.rows(), codes.columns() * codebook.dimension());
        Shapes.requireSame("decoded", decoded, vectors);
        DeviceMatrix from = DeviceMatrix.require(vectors);
        if (!launch(codebook, from, DeviceIntMatrix.require(codes), DeviceMatrix.require(decoded))) {
            encodeOnHost(codebook, from, DeviceIntMatrix.require(codes), decoded);
        }
    }

    @Override
    public void decode(Codebook codebook, IntMatrix codes, Matrix decoded) {
        Shapes.require("decoded", decoded, codes.rows(), codes.columns() * codebook.dimension());
        DeviceIntMatrix source = DeviceIntMatrix.require(codes);
        if (!launch(codebook, null, source, DeviceMatrix.require(decoded))) {
            decodeOnHost(codebook, source, decoded);
        }
    }

    @Override
    public void decodePacked(Codebook codebook, int[] words, Matrix decoded) {
        DeviceMatrix target = DeviceMatrix.require(decoded);
        int columns = HostCodes.columns(codebook, decoded);
        PackedCodes.requireWords(codebook, words, target.rows(), columns);
        if (target.size() == 0) {
            return;
        }
        try (Scratch scratch = new Scratch(memory)) {
            long packed = scratch.bytes("packed codes", (long) words.length * Integer.BYTES);
            transfers.upload(words, packed);
            long codes = scratch.bytes("codes", (long) target.rows() * columns * Integer.BYTES);
            kernels.launch(
                    "codes_unpack",
                    codebook instanceof ScalarGrid ? "unpack_grid" : "unpack_e8p",
                    Launch.elements(target.rows(), columns),
                    target.rows(),
                    columns,
                    layoutBits(codebook),
                    packed,
                    codes);
            decode(codebook, new DeviceIntMatrix(codes, target.rows(), columns), decoded);
        }
    }

    /** Bits of a grid; of E8P those of the second stage. */
    private static int layoutBits(Codebook codebook) {
        return codebook instanceof ScalarGrid ? codebook.bits() : (codebook.bits() - 2) * Byte.SIZE;
    }

    /** Encodes (without vectors: only decodes) if there is a kernel for it. */
    private boolean launch(
            Codebook codebook, @Nullable DeviceMatrix vectors, DeviceIntMatrix codes, DeviceMatrix decoded) {
        switch (codebook) {
            case EightP _ -> launchEightP(codebook.bits(), 1, vectors, codes, decoded);
            case ResidualEightP residual ->
                launchEightP(codebook.bits(), residual.residualScale(), vectors, codes, decoded);
            case ScalarGrid grid -> launchGrid(grid, vectors, codes, decoded);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void launchEightP(
            int bits,
            float residualScale,
            @Nullable DeviceMatrix vectors,
            DeviceIntMatrix codes,
            DeviceMatrix decoded) {
        if (codes.size() == 0) {
            return;
        }
        EightPTables uploaded = tables();
        kernels.launch(
                "codebook",
                "e8p",
                Launch.line(Math.min(Launch.blocks(codes.size(), 128), MOST_BLOCKS), 128, 0),
                codes.rows(),
                codes.columns(),
                bits,
                residualScale,
                vectors == null ? 1 : 0,
                uploaded.rows(),
                uploaded.rowOfKey(),
                uploaded.shorts(),
                vectors == null ? 0L : vectors.address(),
                vectors == null ? 0L : (long) vectors.stride(),
                codes.address(),
                decoded);
    }

    @Override
    public boolean roundSpan(Codebook codebook, Span span, IntMatrix codes) {
        DeviceMatrix weights = DeviceMatrix.require(span.weights());
        Shapes.require("codes", codes, weights.rows(), weights.columns());
        boolean fits = weights.columns() <= MOST_COLUMNS && span.lowers().size() <= MOST_PARTS;
        if (!(codebook instanceof ScalarGrid grid) || !fits) {
            return false;
        }
        if (weights.size() == 0) {
            return true;
        }
        Optional<DeviceBatch> lowers = DeviceBatch.of(span.lowers());
        if (lowers.isEmpty()) {
            return false;
        }
        roundSpan(grids.grid(grid), span, lowers.get(), DeviceIntMatrix.require(codes));
        return true;
    }

    private void roundSpan(GridTable table, Span span, DeviceBatch lowers, DeviceIntMatrix codes) {
        DeviceMatrix weights = DeviceMatrix.require(span.weights());
        DeviceMatrix feedback = DeviceMatrix.require(span.feedback());
        DeviceMatrix rounded = DeviceMatrix.require(span.rounded());
        int rows = weights.rows() / lowers.count();
        int shared = weights.columns() * MOST_COLUMNS * Float.BYTES;
        kernels.launch(
                "grid_ldlq",
                "round_span",
                new Launch(Launch.blocks(rows, ROWS_OF_A_BLOCK), lowers.count(), 1, 256, 1, shared),
                rows,
                weights.columns(),
                table.count(),
                table.values(),
                table.thresholds(),
                lowers.first(),
                lowers.distance(),
                feedback,
                weights,
                codes.address(),
                rounded);
    }

    private void launchGrid(
            ScalarGrid grid, @Nullable DeviceMatrix weights, DeviceIntMatrix codes, DeviceMatrix decoded) {
        if (codes.size() == 0) {
            return;
        }
        GridTable table = grids.grid(grid);
        kernels.launch(
                "codebook",
                "grid",
                Launch.line(Math.min(Launch.blocks(codes.size(), 256), MOST_BLOCKS), 256, 0),
                codes.rows(),
                codes.columns(),
                table.count(),
                weights == null ? 1 : 0,
                table.values(),
                table.thresholds(),
                weights == null ? 0L : weights.address(),
                weights == null ? 0L : (long) weights.stride(),
                codes.address(),
                decoded);
    }

    private EightPTables tables() {
        return device.call(() -> {
            EightPTables uploaded = tables == null ? EightPTables.upload(memory, transfers) : tables;
            tables = uploaded;
            return uploaded;
        });
    }

    private void encodeOnHost(Codebook codebook, DeviceMatrix vectors, DeviceIntMatrix codes, Matrix decoded) {
        ComputeBackend host = detour.backend();
        try (Workspace workspace = host.workspace()) {
            Matrix copy = detour.copy(workspace, vectors);
            IntMatrix found = workspace.integers(codes.rows(), codes.columns());
            host.codebook().encode(codebook, copy, found, copy);
            transfers.upload(host.download(found), codes.address());
            detour.store(copy, decoded);
        }
    }

    private void decodeOnHost(Codebook codebook, DeviceIntMatrix codes, Matrix decoded) {
        ComputeBackend host = detour.backend();
        try (Workspace workspace = host.workspace()) {
            int[] integers = transfers.integers(codes.address(), codes.size());
            IntMatrix copy = workspace.copyOf(codes.rows(), codes.columns(), integers);
            Matrix vectors = workspace.matrix(decoded.rows(), decoded.columns());
            host.codebook().decode(codebook, copy, vectors);
            detour.store(vectors, decoded);
        }
    }
}
