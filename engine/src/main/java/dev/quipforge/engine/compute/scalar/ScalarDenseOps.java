package dev.quipforge.engine.compute.scalar;

import dev.quipforge.engine.compute.DenseOps;
import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.host.HostCopies;

/** The definition of {@link DenseOps}. */
final class ScalarDenseOps implements DenseOps {

    @Override
    public void multiply(Matrix a, Matrix b, Matrix product) {
        Shapes.require("b", b, a.columns(), b.columns());
        Shapes.require("product", product, a.rows(), b.columns());
        HostMatrix left = HostMatrix.require(a);
        HostMatrix right = HostMatrix.require(b);
        fill(HostMatrix.require(product), (i, j) -> {
            double sum = 0;
            for (int k = 0; k < left.columns(); k++) {
                sum += (double) left.get(i, k) * right.get(k, j);
            }
            return sum;
        });
    }

    @Override
    public void multiplyTransposed(Matrix a, Matrix b, Matrix product) {
        Shapes.require("b", b, b.rows(), a.columns());
        Shapes.require("product", product, a.rows(), b.rows());
        HostMatrix left = HostMatrix.require(a);
        HostMatrix right = HostMatrix.require(b);
        fill(HostMatrix.require(product), (i, j) -> {
            double sum = 0;
            for (int k = 0; k < left.columns(); k++) {
                sum += (double) left.get(i, k) * right.get(j, k);
            }
            return sum;
        });
    }

    @Override
    public void multiplyAdd(float alpha, Matrix a, Matrix b, Matrix sum) {
        Shapes.require("b", b, a.columns(), b.columns());
        Shapes.require("sum", sum, a.rows(), b.columns());
        HostMatrix left = HostMatrix.require(a);
        HostMatrix right = HostMatrix.require(b);
        HostMatrix target = HostMatrix.require(sum);
        fill(target, (i, j) -> {
            double added = 0;
            for (int k = 0; k < left.columns(); k++) {
                added += (double) left.get(i, k) * right.get(k, j);
            }
            return target.get(i, j) + alpha * added;
        });
    }

    @Override
    public void addGram(Matrix x, Matrix gram) {
        Shapes.require("gram", gram, x.columns(), x.columns());
        HostMatrix rows = HostMatrix.require(x);
        HostMatrix target = HostMatrix.require(gram);
        fill(target, (i, j) -> {
            double added = 0;
            for (int t = 0; t < rows.rows(); t++) {
                added += (double) rows.get(t, i) * rows.get(t, j);
            }
            return target.get(i, j) + added;
        });
    }

    @Override
    public void copy(Matrix source, Matrix target) {
        HostCopies.copy(HostMatrix.require(source), HostMatrix.require(target));
    }

    @Override
    public void add(float alpha, Matrix source, Matrix target) {
        Shapes.requireSame("target", target, source);
        HostMatrix from = HostMatrix.require(source);
        HostMatrix to = HostMatrix.require(target);
        fill(to, (i, j) -> to.get(i, j) + (double) alpha * from.get(i, j));
    }

    @Override
    public void scale(Matrix matrix, float factor) {
        HostMatrix target = HostMatrix.require(matrix);
        fill(target, (i, j) -> (double) target.get(i, j) * factor);
    }

    @Override
    public void scaleRows(Matrix matrix, Matrix factors) {
        Shapes.require("factors", factors, 1, matrix.rows());
        HostMatrix target = HostMatrix.require(matrix);
        HostMatrix by = HostMatrix.require(factors);
        fill(target, (i, j) -> (double) target.get(i, j) * by.get(0, i));
    }

    @Override
    public void scaleColumns(Matrix matrix, Matrix factors) {
        Shapes.require("factors", factors, 1, matrix.columns());
        HostMatrix target = HostMatrix.require(matrix);
        HostMatrix by = HostMatrix.require(factors);
        fill(target, (i, j) -> (double) target.get(i, j) * by.get(0, j));
    }

    @Override
    public void addRow(Matrix matrix, Matrix row) {
        Shapes.require("row", row, 1, matrix.columns());
        HostMatrix target = HostMatrix.require(matrix);
        HostMatrix added = HostMatrix.require(row);
        fill(target, (i, j) -> (double) target.get(i, j) + added.get(0, j));
    }

    @Override
    public void centerRows(Matrix matrix) {
        HostMatrix target = HostMatrix.require(matrix);
        for (int i = 0; i < target.rows(); i++) {
            double sum = 0;
            for (int j = 0; j < target.columns(); j++) {
                sum += target.get(i, j);
            }
            double mean = sum / target.columns();
            for (int j = 0; j < target.columns(); j++) {
                target.set(i, j, (float) (target.get(i, j) - mean));
            }
        }
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
        fill(HostMatrix.require(target), (i, j) -> from.get(j, i));
    }

    @Override
    public void gatherColumns(Matrix source, IntMatrix columns, Matrix target) {
        Shapes.require("target", target, source.rows(), columns.columns());
        HostMatrix from = HostMatrix.require(source);
        HostIntMatrix indices = HostIntMatrix.require(columns);
        fill(HostMatrix.require(target), (i, j) -> from.get(i, indices.get(0, j)));
    }

    @Override
    public void diagonal(Matrix square, Matrix diagonal) {
        Shapes.requireSquare("matrix", square);
        Shapes.require("diagonal", diagonal, 1, square.rows());
        HostMatrix matrix = HostMatrix.require(square);
        fill(HostMatrix.require(diagonal), (_, j) -> matrix.get(j, j));
    }

    @Override
    public void columnEnergies(Matrix matrix, Matrix energies) {
        Shapes.require("energies", energies, 1, matrix.columns());
        HostMatrix host = HostMatrix.require(matrix);
        fill(HostMatrix.require(energies), (_, j) -> {
            double energy = 0;
            for (int i = 0; i < host.rows(); i++) {
                energy += (double) host.get(i, j) * host.get(i, j);
            }
            return energy;
        });
    }

    @Override
    public float maxMagnitude(Matrix matrix) {
        HostMatrix host = HostMatrix.require(matrix);
        float most = 0;
        for (int i = 0; i < host.rows(); i++) {
            for (int j = 0; j < host.columns(); j++) {
                most = Math.max(most, Math.abs(host.get(i, j)));
            }
        }
        return most;
    }

    @Override
    public double innerProduct(Matrix a, Matrix b) {
        Shapes.requireSame("b", b, a);
        HostMatrix left = HostMatrix.require(a);
        HostMatrix right = HostMatrix.require(b);
        double sum = 0;
        for (int i = 0; i < left.rows(); i++) {
            for (int j = 0; j < left.columns(); j++) {
                sum += (double) left.get(i, j) * right.get(i, j);
            }
        }
        return sum;
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
        HostMatrix host = HostMatrix.require(matrix);
        for (int i = 0; i < host.rows(); i++) {
            for (int j = 0; j < host.columns(); j++) {
                if (!Float.isFinite(host.get(i, j))) {
                    return false;
                }
            }
        }
        return true;
    }

    private interface Element {
        double at(int row, int column);
    }

    private static void fill(HostMatrix target, Element element) {
        for (int i = 0; i < target.rows(); i++) {
            for (int j = 0; j < target.columns(); j++) {
                target.set(i, j, (float) element.at(i, j));
            }
        }
    }
}
