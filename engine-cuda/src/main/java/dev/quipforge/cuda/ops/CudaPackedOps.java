package dev.quipforge.cuda.ops;

import dev.quipforge.cuda.driver.CudaDevice;
import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Kernels;
import dev.quipforge.cuda.driver.Launch;
import dev.quipforge.cuda.driver.OwnedMemory;
import dev.quipforge.cuda.driver.Scratch;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.codebook.ResidualEightP;
import dev.quipforge.engine.codebook.ScalarGrid;
import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.PackedMatrix;
import dev.quipforge.engine.compute.PackedOps;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.packing.PackedTiles;
import dev.quipforge.engine.trellis.Hybrid;
import dev.quipforge.engine.trellis.Trellis;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** {@link PackedOps} on a device: values are computed from the codes as they are read, up to four vectors at a time. */
public final class CudaPackedOps implements PackedOps {

    private static final int MOST_VECTORS = 4;
    private static final int MOST_BLOCKS = 1 << 16;

    /** Tiles of a group, which half a warp takes. */
    private static final int GROUP = 4;

    private static final int WARP = 32;
    private static final int MOST_WARPS = 16;

    private final CudaDevice device;
    private final Kernels kernels;
    private final DeviceMemory memory;
    private final Transfers transfers;
    private final DeviceTables tables;
    private @Nullable HalfTables lattice;

    /**
     * Everything handed in stays the caller's to close.
     *
     * @param device the GPU
     * @param kernels our kernels on it
     * @param memory lends scratch memory
     * @param transfers copies
     * @param tables tables of codes on the GPU
     */
    public CudaPackedOps(
            CudaDevice device, Kernels kernels, DeviceMemory memory, Transfers transfers, DeviceTables tables) {
        this.device = device;
        this.kernels = kernels;
        this.memory = memory;
        this.transfers = transfers;
        this.tables = tables;
    }

    @Override
    public PackedMatrix load(Trellis trellis, int rows, int columns, short[] words) {
        PackedTiles tiles = new PackedTiles(trellis, rows, columns, words);
        TrellisKernel kernel = TrellisKernel.of(trellis);
        OwnedMemory owned = new OwnedMemory(memory);
        try (CloseOnFailure opened = new CloseOnFailure(owned::close)) {
            if (kernel == null) {
                long address = owned.allocate("packed tiles", (long) words.length * Short.BYTES);
                transfers.upload(words, address);
                return opened.keep(new PackedTrellis(trellis, null, owned, address, 0, rows, columns));
            }
            long address = arrange(owned, tiles, rows, columns);
            long pairs = trellis.code() instanceof Hybrid hybrid ? upload(owned, hybrid) : 0;
            return opened.keep(new PackedTrellis(trellis, kernel, owned, address, pairs, rows, columns));
        }
    }

    /** Puts tiles onto the device in the order of the kernels; returns their address. */
    private long arrange(OwnedMemory owned, PackedTiles tiles, int rows, int columns) {
        int across = columns / PackedTiles.SIDE;
        int bits = tiles.trellis().bits();
        long elements = (long) rows * Math.ceilDiv(across, GROUP) * bits;
        long address = owned.allocate("packed tiles", elements * Long.BYTES);
        if (tiles.tiles() == 0) {
            return address;
        }
        try (Scratch scratch = new Scratch(memory)) {
            long plain = scratch.bytes("packed tiles", (long) tiles.words().length * Short.BYTES);
            transfers.upload(tiles.words(), plain);
            kernels.launch(
                    "matvec_trellis",
                    "arrange",
                    Launch.line(Math.min(Launch.blocks(elements, 256), MOST_BLOCKS), 256, 0),
                    rows / PackedTiles.SIDE,
                    across,
                    bits,
                    plain,
                    address);
        }
        return address;
    }

    @Override
    public PackedMatrix load(Codebook codebook, int rows, int columns, int[] codes) {
        int dimension = codebook.dimension();
        Shapes.requireCodes(codes.length, rows, columns, dimension);
        OwnedMemory owned = new OwnedMemory(memory);
        try (Arena arena = Arena.ofConfined();
                CloseOnFailure opened = new CloseOnFailure(owned::close)) {
            CodePlanes planes = CodePlanes.of(arena, dimension, codebook.bits(), codes, columns);
            long first = upload(owned, planes.first());
            long second = planes.second().byteSize() == 0 ? 0 : upload(owned, planes.second());
            return opened.keep(new PackedOctets(codebook, owned, first, second, rows, columns));
        }
    }

    private long upload(OwnedMemory owned, MemorySegment plane) {
        long address = owned.allocate("packed codes", plane.byteSize());
        transfers.upload(plane, address);
        return address;
    }

    @Override
    public void multiply(PackedMatrix matrix, Matrix vectors, Matrix product) {
        Shapes.require("vectors", vectors, vectors.rows(), matrix.columns());
        Shapes.require("product", product, vectors.rows(), matrix.rows());
        DeviceMatrix from = DeviceMatrix.require(vectors);
        DeviceMatrix to = DeviceMatrix.require(product);
        if (to.size() == 0) {
            return;
        }
        try (Scratch scratch = new Scratch(memory)) {
            DeviceMatrix aligned = aligned(scratch, from);
            for (int first = 0; first < from.rows(); first += MOST_VECTORS) {
                int end = Math.min(from.rows(), first + MOST_VECTORS);
                switch (matrix) {
                    case PackedTrellis tiles -> multiply(tiles, aligned.rows(first, end), to.rows(first, end));
                    case PackedOctets codes -> multiply(codes, aligned.rows(first, end), to.rows(first, end));
                    default ->
                        throw new IllegalArgumentException(
                                "matrix: " + matrix.getClass().getSimpleName() + " (expected: loaded by this backend)");
                }
            }
        }
    }

    /** Rows that begin at multiples of 16 bytes, where {@code vectors} has others a copy. */
    private DeviceMatrix aligned(Scratch scratch, DeviceMatrix vectors) {
        if (vectors.address() % 16 == 0 && (vectors.stride() % 4 == 0 || vectors.rows() == 1)) {
            return vectors;
        }
        int stride = Math.ceilDiv(vectors.columns(), 4) * 4;
        long address = scratch.bytes("vectors", (long) vectors.rows() * stride * Float.BYTES);
        DeviceMatrix copy = new DeviceMatrix(address, vectors.rows(), vectors.columns(), stride);
        transfers.copy(vectors, copy);
        return copy;
    }

    private void multiply(PackedTrellis matrix, DeviceMatrix vectors, DeviceMatrix product) {
        int across = matrix.columns() / PackedTiles.SIDE;
        int down = matrix.rows() / PackedTiles.SIDE;
        int most = vectors.rows() == 1 ? 1 : MOST_VECTORS;
        TrellisKernel kernel = matrix.kernel();
        if (kernel == null) {
            multiplyAny(matrix, vectors, product);
            return;
        }
        int warps = Math.clamp(across / (4 * GROUP), 1, MOST_WARPS);
        kernels.launch(
                "matvec_trellis",
                kernel.name(matrix.trellis().bits(), most),
                Launch.line(down, warps * WARP, warps * WARP * most * Float.BYTES),
                across,
                matrix.address(),
                kernel.multiplier(),
                kernel.increment(),
                matrix.pairs(),
                vectors.rows(),
                vectors,
                product);
    }

    private void multiplyAny(PackedTrellis matrix, DeviceMatrix vectors, DeviceMatrix product) {
        Trellis trellis = matrix.trellis();
        int across = matrix.columns() / PackedTiles.SIDE;
        int warps = Math.clamp(across / 2, 1, MOST_WARPS);
        kernels.launch(
                "matvec_trellis",
                "any",
                Launch.line(matrix.rows() / PackedTiles.SIDE, warps * WARP, warps * WARP * MOST_VECTORS * Float.BYTES),
                across,
                matrix.address(),
                PackedTiles.SIDE * trellis.bits(),
                trellis.stateBits(),
                trellis.stepBits(),
                trellis.values(),
                tables.trellis(trellis).exact(),
                vectors.rows(),
                vectors,
                product);
    }

    private void multiply(PackedOctets matrix, DeviceMatrix vectors, DeviceMatrix product) {
        Codebook codebook = matrix.codebook();
        boolean isGrid = codebook instanceof ScalarGrid;
        HalfTables half = isGrid ? new HalfTables(0, 0) : lattice();
        long values = codebook instanceof ScalarGrid grid ? tables.grid(grid).values() : 0L;
        float residualScale = codebook instanceof ResidualEightP residual ? 1 / residual.residualScale() : 0f;
        kernels.launch(
                "matvec_codebook",
                (isGrid ? "grid_" : "e8p_") + codebook.bits() + "_" + (vectors.rows() == 1 ? 1 : MOST_VECTORS),
                Launch.line(Launch.blocks(matrix.rows(), 4), 256, 0),
                matrix.rows(),
                matrix.columns(),
                matrix.first(),
                matrix.second(),
                half.lattice(),
                half.shorts(),
                values,
                residualScale,
                vectors.rows(),
                vectors,
                product);
    }

    private HalfTables lattice() {
        return device.call(() -> {
            HalfTables uploaded = lattice == null ? HalfTables.upload(memory, transfers) : lattice;
            lattice = uploaded;
            return uploaded;
        });
    }

    /** The pairs of HYB, in half precision; every matrix may have others. */
    private long upload(OwnedMemory owned, Hybrid hybrid) {
        float[] values = hybrid.pairs();
        short[] halves = new short[values.length];
        for (int i = 0; i < halves.length; i++) {
            halves[i] = Float.floatToFloat16(values[i]);
        }
        long address = owned.allocate("table of HYB", (long) halves.length * Short.BYTES);
        transfers.upload(halves, address);
        return address;
    }
}
