package dev.quipforge.cuda.ops;

import dev.quipforge.cuda.driver.DeviceIntMatrix;
import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Kernels;
import dev.quipforge.cuda.driver.Launch;
import dev.quipforge.cuda.driver.Scratch;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.cuda.library.Cublas;
import dev.quipforge.cuda.library.DeviceBatch;
import dev.quipforge.cuda.library.HalfMatrix;
import dev.quipforge.cuda.library.TensorProducts;
import dev.quipforge.engine.compute.DenseOps;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** {@link DenseOps} on a device: products by cuBLAS, most of the rest by our kernels, some of it on the host. */
public final class CudaDenseOps implements DenseOps {

    private static final int PARTS = 1024;
    private static final int MOST_BLOCKS = 1 << 20;

    /** Multiplications from which a Gram matrix is taken from products of bf16 halves on the tensor cores. */
    private static final double SPLIT_FROM = 1e10;

    private final Kernels kernels;
    private final Cublas cublas;
    private final TensorProducts tensors;
    private final DeviceMemory memory;
    private final Transfers transfers;

    /**
     * Everything handed in stays the caller's to close.
     *
     * @param kernels our kernels on it
     * @param cublas multiplies
     * @param memory lends scratch memory
     * @param transfers copies
     */
    public CudaDenseOps(Kernels kernels, Cublas cublas, DeviceMemory memory, Transfers transfers) {
        this.kernels = kernels;
        this.cublas = cublas;
        this.tensors = new TensorProducts(kernels, cublas, memory);
        this.memory = memory;
        this.transfers = transfers;
    }

    @Override
    public void multiply(Matrix a, Matrix b, Matrix product) {
        Shapes.require("b", b, a.columns(), b.columns());
        Shapes.require("product", product, a.rows(), b.columns());
        product(1, a, b, false, 0, product);
    }

    @Override
    public void multiplyTransposed(Matrix a, Matrix b, Matrix product) {
        Shapes.require("b", b, b.rows(), a.columns());
        Shapes.require("product", product, a.rows(), b.rows());
        product(1, a, b, true, 0, product);
    }

    @Override
    public void multiplyAdd(float alpha, Matrix a, Matrix b, Matrix sum) {
        Shapes.require("b", b, a.columns(), b.columns());
        Shapes.require("sum", sum, a.rows(), b.columns());
        product(alpha, a, b, false, 1, sum);
    }

    @Override
    public void multiply(List<Matrix> a, List<Matrix> b, List<Matrix> products) {
        if (!batched(1, a, b, 0, products)) {
            DenseOps.super.multiply(a, b, products);
        }
    }

    @Override
    public void multiplyAdd(float alpha, List<Matrix> a, List<Matrix> b, List<Matrix> sums) {
        if (!batched(alpha, a, b, 1, sums)) {
            DenseOps.super.multiplyAdd(alpha, a, b, sums);
        }
    }

    /** All products in one call, where the operands have equal shapes and distances; otherwise nothing. */
    private boolean batched(float alpha, List<Matrix> a, List<Matrix> b, float beta, List<Matrix> c) {
        Shapes.requireCount("b", b, a.size());
        Shapes.requireCount("products", c, a.size());
        if (a.size() < 2) {
            return false;
        }
        Optional<DeviceBatch> left = DeviceBatch.of(a);
        Optional<DeviceBatch> right = DeviceBatch.of(b);
        Optional<DeviceBatch> result = DeviceBatch.of(c);
        boolean even = left.isPresent() && right.isPresent() && result.isPresent();
        if (!even || left.get().first().size() == 0 || right.get().first().size() == 0) {
            return false;
        }
        Shapes.require("b", b.getFirst(), a.getFirst().columns(), b.getFirst().columns());
        Shapes.require(
                "product", c.getFirst(), a.getFirst().rows(), b.getFirst().columns());
        cublas.multiply(alpha, left.get(), right.get(), beta, result.get());
        return true;
    }

    private void product(float alpha, Matrix a, Matrix b, boolean transposeB, float beta, Matrix c) {
        DeviceMatrix left = DeviceMatrix.require(a);
        DeviceMatrix right = DeviceMatrix.require(b);
        cublas.multiply(alpha, left, right, transposeB, beta, DeviceMatrix.require(c));
    }

    @Override
    public void project(Matrix input, List<Matrix> weights, List<Matrix> outputs) {
        DeviceMatrix activations = DeviceMatrix.require(input);
        for (int i = 0; i < weights.size(); i++) {
            Shapes.require("weights", weights.get(i), weights.get(i).rows(), input.columns());
            Shapes.require(
                    "outputs", outputs.get(i), input.rows(), weights.get(i).rows());
        }
        if (input.rows() < TensorProducts.LEAST_TOKENS || !TensorProducts.fits(input.columns())) {
            DenseOps.super.project(input, weights, outputs);
            return;
        }
        try (Scratch scratch = new Scratch(memory)) {
            HalfMatrix rounded = tensors.rounded(scratch, activations);
            for (int i = 0; i < weights.size(); i++) {
                tensors.project(rounded, DeviceMatrix.require(weights.get(i)), DeviceMatrix.require(outputs.get(i)));
            }
        }
    }

    @Override
    public void addActivationGram(Matrix activations, Matrix gram) {
        Shapes.require("gram", gram, activations.columns(), activations.columns());
        DeviceMatrix x = DeviceMatrix.require(activations);
        if (x.rows() < TensorProducts.LEAST_TOKENS || !TensorProducts.fits(x.columns())) {
            addGram(activations, gram);
        } else {
            tensors.addGram(x, DeviceMatrix.require(gram));
        }
    }

    @Override
    public void addGram(Matrix x, Matrix gram) {
        Shapes.require("gram", gram, x.columns(), x.columns());
        DeviceMatrix rows = DeviceMatrix.require(x);
        DeviceMatrix target = DeviceMatrix.require(gram);
        if (rows.size() == 0) {
            return;
        }
        if ((double) rows.size() * rows.columns() >= SPLIT_FROM) {
            addGramOfHalves(rows, target);
        } else {
            cublas.addGramLower(rows, target);
        }
        tensors.mirrorLower(target);
    }

    /** XᵀX = HᵀH + HᵀL + (HᵀL)ᵀ with X = H + L in bf16; what is left out is below the precision of the rest. */
    private void addGramOfHalves(DeviceMatrix x, DeviceMatrix gram) {
        int order = gram.rows();
        try (Scratch scratch = new Scratch(memory)) {
            long high = scratch.bytes("bf16 of " + x.rows() + " x " + order, x.size() * Short.BYTES);
            long low = scratch.bytes("bf16 of " + x.rows() + " x " + order, x.size() * Short.BYTES);
            long bytes = (long) order * order * Float.BYTES;
            DeviceMatrix cross = new DeviceMatrix(scratch.bytes("Gram matrix", bytes), order, order, order);
            kernels.launch(
                    "split", "split", Launch.elements(x.rows(), order), (long) x.rows(), (long) order, x, high, low);
            HalfMatrix highs = new HalfMatrix(high, x.rows(), order, order);
            cublas.multiplyByTransposed(highs, highs, 1, gram);
            cublas.multiplyByTransposed(highs, new HalfMatrix(low, x.rows(), order, order), 0, cross);
            kernels.launch(
                    "split",
                    "add_symmetric",
                    new Launch(Launch.blocks(order, 32), Launch.blocks(order, 32), 1, 32, 8, 0),
                    (long) order,
                    cross.address(),
                    gram);
        }
    }

    @Override
    public void copy(Matrix source, Matrix target) {
        Shapes.requireSame("target", target, source);
        transfers.copy(DeviceMatrix.require(source), DeviceMatrix.require(target));
    }

    @Override
    public void add(float alpha, Matrix source, Matrix target) {
        Shapes.requireSame("target", target, source);
        DeviceMatrix from = DeviceMatrix.require(source);
        DeviceMatrix to = DeviceMatrix.require(target);
        elementwise("add", to, alpha, from);
    }

    @Override
    public void scale(Matrix matrix, float factor) {
        elementwise("scale", DeviceMatrix.require(matrix), factor);
    }

    @Override
    public void scaleRows(Matrix matrix, Matrix factors) {
        Shapes.require("factors", factors, 1, matrix.rows());
        long by = DeviceMatrix.require(factors).address();
        elementwise("scale_rows", DeviceMatrix.require(matrix), by);
    }

    @Override
    public void scaleColumns(Matrix matrix, Matrix factors) {
        Shapes.require("factors", factors, 1, matrix.columns());
        long by = DeviceMatrix.require(factors).address();
        elementwise("scale_columns", DeviceMatrix.require(matrix), by);
    }

    @Override
    public void addRow(Matrix matrix, Matrix row) {
        Shapes.require("row", row, 1, matrix.columns());
        long added = DeviceMatrix.require(row).address();
        elementwise("add_row", DeviceMatrix.require(matrix), added);
    }

    @Override
    public void centerRows(Matrix matrix) {
        DeviceMatrix target = DeviceMatrix.require(matrix);
        if (target.size() > 0) {
            kernels.launch(
                    "rows",
                    "center",
                    Launch.rows(target.rows(), MOST_BLOCKS),
                    (long) target.rows(),
                    target.columns(),
                    target);
        }
    }

    /** Kernels with the parameters rows, columns, {@code between}, matrix. */
    private void elementwise(String kernel, DeviceMatrix matrix, Object... between) {
        if (matrix.size() == 0) {
            return;
        }
        Object[] arguments = new Object[between.length + 3];
        arguments[0] = (long) matrix.rows();
        arguments[1] = (long) matrix.columns();
        System.arraycopy(between, 0, arguments, 2, between.length);
        arguments[arguments.length - 1] = matrix;
        kernels.launch("elementwise", kernel, Launch.elements(matrix.rows(), matrix.columns()), arguments);
    }

    @Override
    public void addToDiagonal(Matrix square, float value) {
        Shapes.requireSquare("matrix", square);
        DeviceMatrix matrix = DeviceMatrix.require(square);
        kernels.launch(
                "elementwise",
                "add_to_diagonal",
                Launch.line(Launch.blocks(matrix.rows(), 256), 256, 0),
                (long) matrix.rows(),
                value,
                matrix);
    }

    @Override
    public void transpose(Matrix source, Matrix target) {
        Shapes.require("target", target, source.columns(), source.rows());
        DeviceMatrix from = DeviceMatrix.require(source);
        DeviceMatrix to = DeviceMatrix.require(target);
        if (from.size() > 0) {
            kernels.launch(
                    "transpose",
                    "transpose",
                    Launch.tiles(from.rows(), from.columns()),
                    (long) from.rows(),
                    (long) from.columns(),
                    from,
                    to);
        }
    }

    @Override
    public void gatherColumns(Matrix source, IntMatrix columns, Matrix target) {
        Shapes.require("target", target, source.rows(), columns.columns());
        DeviceMatrix from = DeviceMatrix.require(source);
        DeviceMatrix to = DeviceMatrix.require(target);
        DeviceIntMatrix chosen = DeviceIntMatrix.require(columns);
        for (int index : transfers.integers(chosen.address(), chosen.size())) {
            Objects.checkIndex(index, source.columns());
        }
        if (to.size() > 0) {
            kernels.launch(
                    "columns",
                    "gather",
                    Launch.elements(to.rows(), to.columns()),
                    (long) to.rows(),
                    (long) to.columns(),
                    from,
                    chosen.address(),
                    to);
        }
    }

    @Override
    public void diagonal(Matrix square, Matrix diagonal) {
        Shapes.requireSquare("matrix", square);
        Shapes.require("diagonal", diagonal, 1, square.rows());
        DeviceMatrix matrix = DeviceMatrix.require(square);
        DeviceMatrix target = DeviceMatrix.require(diagonal);
        int order = matrix.rows();
        DeviceMatrix steps = new DeviceMatrix(matrix.address(), order, 1, matrix.stride() + 1);
        transfers.copy(steps, new DeviceMatrix(target.address(), order, 1, 1));
    }

    @Override
    public void columnEnergies(Matrix matrix, Matrix energies) {
        Shapes.require("energies", energies, 1, matrix.columns());
        DeviceMatrix from = DeviceMatrix.require(matrix);
        if (from.columns() > 0) {
            kernels.launch(
                    "columns",
                    "energies",
                    Launch.line(Launch.blocks(from.columns(), 32), 256, 0),
                    (long) from.rows(),
                    (long) from.columns(),
                    from,
                    DeviceMatrix.require(energies).address());
        }
    }

    @Override
    public float maxMagnitude(Matrix matrix) {
        DeviceMatrix from = DeviceMatrix.require(matrix);
        try (Scratch scratch = new Scratch(memory)) {
            long largest = scratch.bytes("largest magnitude", Integer.BYTES);
            transfers.clear(largest, Integer.BYTES);
            kernels.launch(
                    "reduce",
                    "max_magnitude",
                    Launch.rows(from.rows(), PARTS),
                    (long) from.rows(),
                    (long) from.columns(),
                    from,
                    largest);
            return Float.intBitsToFloat(transfers.integers(largest, 1)[0]);
        }
    }

    @Override
    public double innerProduct(Matrix a, Matrix b) {
        Shapes.requireSame("b", b, a);
        DeviceMatrix left = DeviceMatrix.require(a);
        DeviceMatrix right = DeviceMatrix.require(b);
        try (Scratch scratch = new Scratch(memory)) {
            long parts = scratch.bytes("sums", (PARTS + 1L) * Double.BYTES);
            long result = parts + (long) PARTS * Double.BYTES;
            kernels.launch(
                    "reduce",
                    "inner_product",
                    Launch.line(PARTS, 256, 0),
                    (long) left.rows(),
                    (long) left.columns(),
                    left,
                    right,
                    parts);
            kernels.launch("reduce", "sum_parts", Launch.line(1, 256, 0), PARTS, parts, result);
            return transfers.doubles(result, 1)[0];
        }
    }

    @Override
    public double meanDiagonal(Matrix square) {
        Shapes.requireSquare("matrix", square);
        DeviceMatrix matrix = DeviceMatrix.require(square);
        try (Scratch scratch = new Scratch(memory)) {
            long result = scratch.bytes("sum", Double.BYTES);
            kernels.launch("reduce", "diagonal_sum", Launch.line(1, 256, 0), (long) matrix.rows(), matrix, result);
            return transfers.doubles(result, 1)[0] / matrix.rows();
        }
    }

    @Override
    public boolean allFinite(Matrix matrix) {
        DeviceMatrix device = DeviceMatrix.require(matrix);
        try (Scratch scratch = new Scratch(memory)) {
            long found = scratch.bytes("flag", Integer.BYTES);
            transfers.clear(found, Integer.BYTES);
            kernels.launch(
                    "reduce",
                    "find_not_finite",
                    Launch.rows(device.rows(), PARTS),
                    (long) device.rows(),
                    (long) device.columns(),
                    device,
                    found);
            return transfers.integers(found, 1)[0] == 0;
        }
    }
}
