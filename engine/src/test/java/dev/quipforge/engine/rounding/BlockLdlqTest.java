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
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockLdlqTest {

    @ParameterizedTest
    @CsvSource({
        "vector,16,16,16",
        "vector,32,144,16",
        "vector,48,384,16",
        "scalar,16,160,16",
        "vector,7,40,8",
        "vector,5,131,1"
    })
    void theFeedbackIsThatOfTheFormula(String name, int rows, int columns, int block) {
        try (Problem problem = new Problem(name, rows, columns)) {
            Matrix lower = problem.factor(block);
            HostMatrix weights = problem.weights();
            double[][] expected = formula(weights, HostMatrix.require(lower), block, BlockLdlqTest::smooth);
            Matrix rounded = problem.round(weights, lower, block, BlockLdlqTest::smooth);
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    assertThat((double) HostMatrix.require(rounded).get(i, j)).isCloseTo(expected[i][j], within(2e-5));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"vector,16", "vector,8", "vector,1", "scalar,16"})
    void feedbackMakesTheLossSmaller(String name, int block) {
        try (Problem problem = new Problem(name, 32, 128)) {
            Matrix weights = problem.workspace.copyOf(problem.weights());
            Matrix rounded = problem.round(problem.weights(), problem.factor(block), block, BlockLdlqTest::nearest);
            Matrix nearest = problem.workspace.copyOf(problem.weights());
            apply(HostMatrix.require(nearest), BlockLdlqTest::nearest);
            double withFeedback = ProxyLoss.relative(problem.backend, weights, rounded, problem.hessian);
            double without = ProxyLoss.relative(problem.backend, weights, nearest, problem.hessian);
            assertThat(withFeedback).isLessThan(0.8 * without);
            assertThat(ProxyLoss.relative(problem.backend, weights, weights, problem.hessian))
                    .isZero();
        }
    }

    /** Smooth, so that the last bit of a target cannot decide between two values far apart. */
    private static double smooth(double x) {
        return x - 0.1 * Math.sin(6 * x);
    }

    private static double nearest(double x) {
        return Math.clamp(Math.floor(x), -2, 1) + 0.5;
    }

    /** Ŵ_i = Q(W_i + Σ_{j > i} (W_j − Ŵ_j) · L_ji), one element after the other, in double precision. */
    private static double[][] formula(HostMatrix weights, HostMatrix lower, int block, DoubleUnaryOperator rounder) {
        int columns = weights.columns();
        double[][] rounded = new double[weights.rows()][columns];
        for (int first = columns - block; first >= 0; first -= block) {
            for (int row = 0; row < weights.rows(); row++) {
                for (int column = first; column < first + block; column++) {
                    double target = weights.get(row, column);
                    for (int j = first + block; j < columns; j++) {
                        target += (weights.get(row, j) - rounded[row][j]) * lower.get(j, column);
                    }
                    rounded[row][column] = rounder.applyAsDouble(target);
                }
            }
        }
        return rounded;
    }

    private static void apply(HostMatrix matrix, DoubleUnaryOperator function) {
        for (int i = 0; i < matrix.rows(); i++) {
            for (int j = 0; j < matrix.columns(); j++) {
                matrix.set(i, j, (float) function.applyAsDouble(matrix.get(i, j)));
            }
        }
    }

    /** Weights of N(0, 1) and the Hessian of correlated inputs. */
    private static final class Problem implements AutoCloseable {

        private final ComputeBackend backend;
        private final Arena arena = Arena.ofConfined();
        private final Workspace workspace;
        private final int rows;
        private final Matrix hessian;

        Problem(String name, int rows, int columns) {
            this.backend = ComputeBackends.named(name);
            this.workspace = backend.workspace();
            this.rows = rows;
            this.hessian = workspace.matrix(columns, columns);
            Matrix mixed = workspace.matrix(2 * columns, columns);
            Matrix mixing = workspace.copyOf(gaussian(2, columns, columns));
            backend.dense().multiply(workspace.copyOf(gaussian(1, 2 * columns, columns)), mixing, mixed);
            backend.dense().addGram(mixed, hessian);
            HessianDamping.regularize(backend.dense(), hessian, HessianDamping.SIGMA);
        }

        HostMatrix weights() {
            return gaussian(3, rows, hessian.columns());
        }

        Matrix factor(int block) {
            Matrix lower = workspace.matrix(hessian.rows(), hessian.rows());
            assertThat(HessianDamping.factor(backend, hessian, lower, block)).isZero();
            return lower;
        }

        Matrix round(HostMatrix weights, Matrix lower, int block, DoubleUnaryOperator function) {
            Matrix rounded = workspace.matrix(rows, hessian.columns());
            Matrix errors = workspace.copyOf(weights);
            new BlockLdlq(backend, lower, block)
                    .round(
                            errors,
                            (column, target, result) -> {
                                backend.dense().copy(target, result);
                                apply(HostMatrix.require(result), function);
                            },
                            rounded);
            backend.dense().add(1, rounded, errors);
            backend.dense().add(-1, workspace.copyOf(weights), errors);
            assertThat(backend.dense().innerProduct(errors, errors)).isLessThan(1e-8);
            return rounded;
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

        @Override
        public void close() {
            workspace.close();
            arena.close();
            backend.close();
        }
    }
}
