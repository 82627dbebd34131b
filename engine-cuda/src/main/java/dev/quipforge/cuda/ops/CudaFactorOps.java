package dev.quipforge.cuda.ops;

import dev.quipforge.cuda.driver.CudaDevice;
import dev.quipforge.cuda.driver.CudaException;
import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Kernels;
import dev.quipforge.cuda.driver.Launch;
import dev.quipforge.cuda.driver.Scratch;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.cuda.library.Cusolver;
import dev.quipforge.engine.compute.FactorOps;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.NotPositiveDefiniteException;
import dev.quipforge.engine.compute.Shapes;

/** {@link FactorOps} on a device: Cholesky and eigenvectors by cuSOLVER, the block factor by our kernels. */
public final class CudaFactorOps implements FactorOps {

    private static final int ROWS = 128;

    private final CudaDevice device;
    private final Kernels kernels;
    private final Cusolver cusolver;
    private final DeviceMemory memory;
    private final Transfers transfers;

    /**
     * Everything handed in stays the caller's to close.
     *
     * @param device the GPU
     * @param kernels our kernels on it
     * @param cusolver factors
     * @param memory lends scratch memory
     * @param transfers copies
     */
    public CudaFactorOps(
            CudaDevice device, Kernels kernels, Cusolver cusolver, DeviceMemory memory, Transfers transfers) {
        this.device = device;
        this.kernels = kernels;
        this.cusolver = cusolver;
        this.memory = memory;
        this.transfers = transfers;
    }

    @Override
    public void cholesky(Matrix symmetric) {
        Shapes.requireSquare("matrix", symmetric);
        DeviceMatrix matrix = DeviceMatrix.require(symmetric);
        if (matrix.rows() == 0) {
            return;
        }
        int pivot = factor(matrix) - 1;
        if (pivot >= 0) {
            throw new NotPositiveDefiniteException(pivot);
        }
        kernels.launch(
                "unit_lower",
                "clear_upper",
                Launch.elements(matrix.rows(), matrix.columns()),
                (long) matrix.rows(),
                matrix);
    }

    private int factor(DeviceMatrix matrix) {
        try (Scratch scratch = new Scratch(memory)) {
            int size = cusolver.workSize(matrix);
            long work = scratch.bytes("Cholesky work space", (long) size * Float.BYTES);
            long info = scratch.bytes("Cholesky result", Integer.BYTES);
            cusolver.cholesky(matrix, work, size, info);
            kernels.launch("unit_lower", "first_bad_pivot", Launch.line(1, 256, 0), matrix.rows(), matrix, info);
            return transfers.integers(info, 1)[0];
        }
    }

    @Override
    public void blockUnitLower(Matrix cholesky, int block) {
        Shapes.requireBlocks("matrix", cholesky, block);
        DeviceMatrix matrix = DeviceMatrix.require(cholesky);
        int diagonal = Math.multiplyExact(block * block, Float.BYTES);
        int rows = ROWS * (block + 1) * Float.BYTES;
        int limit = device.sharedBytesPerBlock();
        if (diagonal > limit) {
            throw new IllegalArgumentException(
                    "block: " + block + " (expected: one whose diagonal block fits into " + limit + " bytes)");
        }
        boolean staged = diagonal + rows <= limit;
        int blocks = matrix.rows() / block;
        kernels.launch(
                "unit_lower",
                "solve_block_columns",
                new Launch(blocks, Launch.blocks(matrix.rows(), ROWS), 1, ROWS, 1, diagonal + (staged ? rows : 0)),
                matrix.rows(),
                block,
                staged ? 1 : 0,
                matrix);
        kernels.launch(
                "unit_lower", "clear_diagonal_blocks", Launch.line(blocks, 256, 0), block, matrix.address(), (long)
                        matrix.stride());
    }

    @Override
    public void eigenvectors(Matrix symmetric) {
        Shapes.requireSquare("matrix", symmetric);
        DeviceMatrix matrix = DeviceMatrix.require(symmetric);
        int order = matrix.rows();
        if (order == 0) {
            return;
        }
        try (Scratch scratch = new Scratch(memory)) {
            long doubled = scratch.bytes("eigenvectors", (long) order * order * Double.BYTES);
            long values = scratch.bytes("eigenvalues", (long) order * Double.BYTES);
            long info = scratch.bytes("result of the eigenvectors", Integer.BYTES);
            Launch elements = Launch.elements(order, order);
            kernels.launch("eigenvectors", "doubled", elements, order, matrix, doubled);
            int size = cusolver.eigenWorkSize(order, doubled, values);
            long work = scratch.bytes("work space of the eigenvectors", (long) size * Double.BYTES);
            cusolver.eigenvectors(order, doubled, values, work, size, info);
            int unconverged = transfers.integers(info, 1)[0];
            if (unconverged != 0) {
                throw new CudaException("eigenvectors of order " + order + ": " + unconverged
                        + " did not converge (expected: finite numbers)");
            }
            kernels.launch("eigenvectors", "vectors", elements, order, doubled, matrix);
        }
    }
}
