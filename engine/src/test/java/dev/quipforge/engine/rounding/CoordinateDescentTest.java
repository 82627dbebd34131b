package dev.quipforge.engine.rounding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CoordinateDescentTest {

    private static final int ROWS = 3;

    private final ComputeBackend backend = ComputeBackends.named("vector");
    private final Arena arena = Arena.ofShared();
    private final Workspace workspace = backend.workspace();

    @AfterEach
    void close() {
        workspace.close();
        arena.close();
        backend.close();
    }

    /** Every block is asked for at the minimum of the loss that the others leave it, as in the formula. */
    @ParameterizedTest
    @CsvSource({"1,40", "1,150", "8,24", "8,272", "16,144", "60,120"})
    void everyBlockIsRoundedWhereTheLossIsLeast(int block, int columns) {
        Matrix hessian = hessian(columns);
        double[][] h = values(HostMatrix.require(hessian));
        HostMatrix weights = gaussian(1, ROWS, columns);
        double[][] rounded = new double[ROWS][columns];
        Matrix errors = workspace.copyOf(weights);
        Matrix result = workspace.matrix(ROWS, columns);
        BlockRounder checked = (first, target, nearest) -> {
            HostMatrix asked = HostMatrix.require(target);
            for (int i = 0; i < ROWS; i++) {
                assertThat(gradient(weights, rounded, h, asked, i, first)).isCloseTo(0, within(2e-3));
                for (int j = 0; j < block; j++) {
                    float value = Math.round(asked.get(i, j));
                    HostMatrix.require(nearest).set(i, j, value);
                    rounded[i][first + j] = value;
                }
            }
        };
        new CoordinateDescent(backend, hessian, block).improve(2, errors, checked, result);
        for (int i = 0; i < ROWS; i++) {
            for (int j = 0; j < columns; j++) {
                assertThat(HostMatrix.require(result).get(i, j)).isEqualTo((float) rounded[i][j]);
                assertThat((double) HostMatrix.require(errors).get(i, j))
                        .isCloseTo(weights.get(i, j) - rounded[i][j], within(1e-5));
            }
        }
    }

    /** The largest derivative of the loss of row i by the columns of a block, when these have the values asked for. */
    private static double gradient(
            HostMatrix weights, double[][] rounded, double[][] hessian, HostMatrix asked, int row, int first) {
        double largest = 0;
        for (int j = first; j < first + asked.columns(); j++) {
            double slope = 0;
            for (int k = 0; k < hessian.length; k++) {
                boolean inBlock = k >= first && k < first + asked.columns();
                double value = inBlock ? asked.get(row, k - first) : rounded[row][k];
                slope += (weights.get(row, k) - value) * hessian[k][j];
            }
            largest = Math.max(largest, Math.abs(slope) / hessian[j][j]);
        }
        return largest;
    }

    @Test
    void noPassChangesNothing() {
        HostMatrix weights = gaussian(2, ROWS, 16);
        Matrix errors = workspace.copyOf(weights);
        Matrix rounded = workspace.matrix(ROWS, 16);
        BlockRounder never = (first, target, nearest) -> {
            throw new AssertionError("rounded column " + first);
        };
        new CoordinateDescent(backend, hessian(16), 8).improve(0, errors, never, rounded);
        assertThat(backend.dense().maxMagnitude(rounded)).isZero();
    }

    private Matrix hessian(int order) {
        Matrix hessian = workspace.matrix(order, order);
        backend.dense().addGram(workspace.copyOf(gaussian(3, 2 * order, order)), hessian);
        HessianDamping.regularize(backend.dense(), hessian, 0.1);
        return hessian;
    }

    private static double[][] values(HostMatrix matrix) {
        double[][] values = new double[matrix.rows()][matrix.columns()];
        for (int i = 0; i < matrix.rows(); i++) {
            for (int j = 0; j < matrix.columns(); j++) {
                values[i][j] = matrix.get(i, j);
            }
        }
        return values;
    }

    private HostMatrix gaussian(long seed, int rows, int columns) {
        SplittableRandom random = new SplittableRandom(seed);
        HostMatrix matrix = HostMatrix.allocate(arena, rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                matrix.set(i, j, (float) random.nextGaussian());
            }
        }
        return matrix;
    }
}
