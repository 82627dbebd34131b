package dev.quipforge.engine.compute.scalar;

import dev.quipforge.engine.compute.FactorOps;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.NotPositiveDefiniteException;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.host.SymmetricEigenvectors;

/** The definition of {@link FactorOps}. */
final class ScalarFactorOps implements FactorOps {

    @Override
    public void cholesky(Matrix symmetric) {
        Shapes.requireSquare("matrix", symmetric);
        HostMatrix matrix = HostMatrix.require(symmetric);
        int n = matrix.rows();
        double[][] factor = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double rest = matrix.get(i, j);
                for (int k = 0; k < j; k++) {
                    rest -= factor[i][k] * factor[j][k];
                }
                if (i == j && !(rest > 0)) {
                    throw new NotPositiveDefiniteException(i);
                }
                factor[i][j] = i == j ? Math.sqrt(rest) : rest / factor[j][j];
            }
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                matrix.set(i, j, (float) factor[i][j]);
            }
        }
    }

    @Override
    public void blockUnitLower(Matrix cholesky, int block) {
        Shapes.requireBlocks("matrix", cholesky, block);
        HostMatrix matrix = HostMatrix.require(cholesky);
        for (int first = 0; first < matrix.rows(); first += block) {
            double[][] inverse = inverse(matrix.rows(first, first + block).columns(first, first + block));
            for (int i = 0; i < matrix.rows(); i++) {
                multiplyRow(matrix.rows(i, i + 1).columns(first, first + block), inverse, i < first + block);
            }
        }
    }

    @Override
    public void eigenvectors(Matrix symmetric) {
        Shapes.requireSquare("matrix", symmetric);
        SymmetricEigenvectors.replace(HostMatrix.require(symmetric));
    }

    /** Row · inverse in place, or zeros in the diagonal block and above it. */
    private static void multiplyRow(HostMatrix row, double[][] inverse, boolean zero) {
        double[] product = new double[row.columns()];
        for (int j = 0; j < product.length; j++) {
            for (int k = 0; k < product.length; k++) {
                product[j] += row.get(0, k) * inverse[k][j];
            }
        }
        for (int j = 0; j < product.length; j++) {
            row.set(0, j, zero ? 0 : (float) product[j]);
        }
    }

    /** The inverse of a lower triangle, column by column by forward substitution. */
    private static double[][] inverse(HostMatrix lower) {
        int n = lower.rows();
        double[][] inverse = new double[n][n];
        for (int j = 0; j < n; j++) {
            for (int i = j; i < n; i++) {
                double rest = i == j ? 1 : 0;
                for (int k = j; k < i; k++) {
                    rest -= lower.get(i, k) * inverse[k][j];
                }
                inverse[i][j] = rest / lower.get(i, i);
            }
        }
        return inverse;
    }
}
