package dev.quipforge.engine.compute.vector.dense;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quipforge.engine.compute.DenseOps;
import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.host.HostCopies;
import dev.quipforge.engine.compute.vector.dense.Panels.Panel;
import dev.quipforge.engine.compute.vector.dense.Products.Operand;
import dev.quipforge.engine.compute.vector.dense.Products.Result;
import dev.quipforge.engine.compute.vector.lanes.RowKernels;
import dev.quipforge.engine.compute.vector.lanes.Workers;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/** {@link DenseOps} on all cores: products by panels of fixed size, the rest by spans of rows. */
public final class VectorDenseOps implements DenseOps {

    private static final int GRAM_PANEL = 192;

    private final Workers workers;
    private final Products products;

    /**
     * @param workers stay the caller's to close
     * @param products multiplies panels and small blocks
     */
    public VectorDenseOps(Workers workers, Products products) {
        this.workers = workers;
        this.products = products;
    }

    @Override
    public void multiply(Matrix a, Matrix b, Matrix product) {
        Shapes.require("b", b, a.columns(), b.columns());
        Shapes.require("product", product, a.rows(), b.columns());
        Operand right = Operand.plain(HostMatrix.require(b));
        panels(1, Operand.plain(HostMatrix.require(a)), right, HostMatrix.require(product), Result.REPLACED);
    }

    @Override
    public void multiplyTransposed(Matrix a, Matrix b, Matrix product) {
        Shapes.require("b", b, b.rows(), a.columns());
        Shapes.require("product", product, a.rows(), b.rows());
        Operand right = Operand.transposed(HostMatrix.require(b));
        panels(1, Operand.plain(HostMatrix.require(a)), right, HostMatrix.require(product), Result.REPLACED);
    }

    @Override
    public void multiplyAdd(float alpha, Matrix a, Matrix b, Matrix sum) {
        Shapes.require("b", b, a.columns(), b.columns());
        Shapes.require("sum", sum, a.rows(), b.columns());
        Operand right = Operand.plain(HostMatrix.require(b));
        panels(alpha, Operand.plain(HostMatrix.require(a)), right, HostMatrix.require(sum), Result.ADDED_TO);
    }

    @Override
    public void addGram(Matrix x, Matrix gram) {
        Shapes.require("gram", gram, x.columns(), x.columns());
        HostMatrix rows = HostMatrix.require(x);
        HostMatrix target = HostMatrix.require(gram);
        Operand transposed = Operand.transposed(rows);
        Operand plain = Operand.plain(rows);
        new Panels(target, GRAM_PANEL, GRAM_PANEL).each(workers, panel -> {
            if (panel.firstColumn() <= panel.firstRow()) {
                panel.multiply(products, 1, transposed, plain, Result.ADDED_TO);
                mirror(target, panel);
            }
        });
    }

    /** Copies what a panel of the lower triangle holds below the diagonal to its place above, so that both agree. */
    private static void mirror(HostMatrix square, Panel panel) {
        for (int i = panel.firstRow(); i < panel.endRow(); i++) {
            for (int j = panel.firstColumn(); j < Math.min(i, panel.endColumn()); j++) {
                square.set(j, i, square.get(i, j));
            }
        }
    }

    @Override
    public void copy(Matrix source, Matrix target) {
        Shapes.requireSame("target", target, source);
        HostMatrix from = HostMatrix.require(source);
        HostMatrix to = HostMatrix.require(target);
        workers.rows(
                from.rows(),
                from.columns(),
                (first, end) -> HostCopies.copy(from.rows(first, end), to.rows(first, end)));
    }

    @Override
    public void add(float alpha, Matrix source, Matrix target) {
        Shapes.requireSame("target", target, source);
        HostMatrix from = HostMatrix.require(source);
        eachRow(HostMatrix.require(target), (row, i) -> RowKernels.addScaled(alpha, from.row(i), row, from.columns()));
    }

    @Override
    public void scale(Matrix matrix, float factor) {
        eachRow(HostMatrix.require(matrix), (row, i) -> RowKernels.scale(row, factor, matrix.columns()));
    }

    @Override
    public void scaleRows(Matrix matrix, Matrix factors) {
        Shapes.require("factors", factors, 1, matrix.rows());
        HostMatrix by = HostMatrix.require(factors);
        eachRow(HostMatrix.require(matrix), (row, i) -> RowKernels.scale(row, by.get(0, i), matrix.columns()));
    }

    @Override
    public void scaleColumns(Matrix matrix, Matrix factors) {
        Shapes.require("factors", factors, 1, matrix.columns());
        MemorySegment by = HostMatrix.require(factors).row(0);
        eachRow(HostMatrix.require(matrix), (row, i) -> RowKernels.multiply(row, by, matrix.columns()));
    }

    @Override
    public void addRow(Matrix matrix, Matrix row) {
        Shapes.require("row", row, 1, matrix.columns());
        MemorySegment added = HostMatrix.require(row).row(0);
        eachRow(HostMatrix.require(matrix), (target, _) -> RowKernels.addScaled(1, added, target, matrix.columns()));
    }

    @Override
    public void centerRows(Matrix matrix) {
        int width = matrix.columns();
        eachRow(HostMatrix.require(matrix), (row, _) -> {
            double mean = RowKernels.sum(row, width) / width;
            RowKernels.addConstant(row, (float) -mean, width);
        });
    }

    @Override
    public void addToDiagonal(Matrix square, float value) {
        Shapes.requireSquare("matrix", square);
        HostMatrix target = HostMatrix.require(square);
        for (int i = 0; i < target.rows(); i++) {
            target.set(i, i, target.get(i, i) + value);
        }
    }

    @Override
    public void transpose(Matrix source, Matrix target) {
        Shapes.require("target", target, source.columns(), source.rows());
        HostMatrix from = HostMatrix.require(source);
        HostMatrix to = HostMatrix.require(target);
        workers.rows(from.rows(), from.columns(), (first, end) -> {
            // columns outermost: each cache line of the target is filled before the next is touched
            for (int j = 0; j < from.columns(); j++) {
                for (int i = first; i < end; i++) {
                    to.data().setAtIndex(JAVA_FLOAT, (long) j * to.stride() + i, from.get(i, j));
                }
            }
        });
    }

    @Override
    public void gatherColumns(Matrix source, IntMatrix columns, Matrix target) {
        Shapes.require("target", target, source.rows(), columns.columns());
        HostMatrix from = HostMatrix.require(source);
        int[] indices = HostIntMatrix.require(columns).data().toArray(JAVA_INT);
        for (int j = 0; j < target.columns(); j++) {
            Objects.checkIndex(indices[j], source.columns());
        }
        eachRow(HostMatrix.require(target), (row, i) -> RowKernels.gather(from.row(i), indices, row, target.columns()));
    }

    @Override
    public void diagonal(Matrix square, Matrix diagonal) {
        Shapes.requireSquare("matrix", square);
        Shapes.require("diagonal", diagonal, 1, square.rows());
        HostMatrix matrix = HostMatrix.require(square);
        HostMatrix target = HostMatrix.require(diagonal);
        for (int i = 0; i < matrix.rows(); i++) {
            target.set(0, i, matrix.get(i, i));
        }
    }

    @Override
    public void columnEnergies(Matrix matrix, Matrix energies) {
        Shapes.require("energies", energies, 1, matrix.columns());
        HostMatrix host = HostMatrix.require(matrix);
        MemorySegment target = HostMatrix.require(energies).row(0);
        int width = Workers.height(matrix.rows());
        workers.each(Math.ceilDiv(matrix.columns(), width), piece -> {
            int first = piece * width;
            HostMatrix strip = host.columns(first, Math.min(matrix.columns(), first + width));
            double[] sums = new double[strip.columns()];
            for (int i = 0; i < strip.rows(); i++) {
                RowKernels.addSquares(strip.row(i), sums);
            }
            for (int j = 0; j < sums.length; j++) {
                target.setAtIndex(JAVA_FLOAT, first + j, (float) sums[j]);
            }
        });
    }

    @Override
    public float maxMagnitude(Matrix matrix) {
        float[] most = new float[matrix.rows()];
        eachRow(HostMatrix.require(matrix), (row, i) -> most[i] = RowKernels.maxMagnitude(row, matrix.columns()));
        float all = 0;
        for (float one : most) {
            all = Math.max(all, one);
        }
        return all;
    }

    @Override
    public double innerProduct(Matrix a, Matrix b) {
        Shapes.requireSame("b", b, a);
        HostMatrix left = HostMatrix.require(a);
        HostMatrix right = HostMatrix.require(b);
        double[] sums = new double[a.rows()];
        eachRow(left, (row, i) -> sums[i] = RowKernels.innerProduct(row, right.row(i), left.columns()));
        return Arrays.stream(sums).sum();
    }

    @Override
    public double meanDiagonal(Matrix square) {
        Shapes.requireSquare("matrix", square);
        HostMatrix matrix = HostMatrix.require(square);
        double sum = 0;
        for (int i = 0; i < matrix.rows(); i++) {
            sum += matrix.get(i, i);
        }
        return sum / matrix.rows();
    }

    @Override
    public boolean allFinite(Matrix matrix) {
        AtomicBoolean finite = new AtomicBoolean(true);
        eachRow(HostMatrix.require(matrix), (row, i) -> {
            if (!RowKernels.allFinite(row, matrix.columns())) {
                finite.set(false);
            }
        });
        return finite.get();
    }

    private void panels(float alpha, Operand a, Operand b, HostMatrix c, Result result) {
        Panels.of(c).each(workers, panel -> panel.multiply(products, alpha, a, b, result));
    }

    private interface RowBody {
        void run(MemorySegment row, int index);
    }

    private void eachRow(HostMatrix matrix, RowBody body) {
        workers.rows(matrix.rows(), matrix.columns(), (first, end) -> {
            for (int i = first; i < end; i++) {
                body.run(matrix.row(i), i);
            }
        });
    }
}
