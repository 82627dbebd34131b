package dev.quipforge.engine.rounding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.codebook.Codebooks;
import dev.quipforge.engine.codebook.ScalarGrid;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.packing.ResidualPacking;
import dev.quipforge.engine.random.TensorRandom;
import java.lang.foreign.Arena;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GridRoundingTest {

    private static final int ROWS = 24;
    private static final int COLUMNS = 96;

    private final ComputeBackend backend = ComputeBackends.named("vector");
    private final Arena arena = Arena.ofShared();
    private final Workspace workspace = backend.workspace();
    private final Matrix hessian = workspace.matrix(COLUMNS, COLUMNS);
    private HostMatrix weights = HostMatrix.allocate(arena, 0, 0);

    @BeforeEach
    void drawAProblem() {
        weights = gaussian(1, ROWS, COLUMNS);
        Matrix inputs = workspace.matrix(2 * COLUMNS, COLUMNS);
        backend.dense()
                .multiply(
                        workspace.copyOf(gaussian(2, 2 * COLUMNS, COLUMNS)),
                        workspace.copyOf(gaussian(3, COLUMNS, COLUMNS)),
                        inputs);
        backend.dense().addGram(inputs, hessian);
        HessianDamping.regularize(backend.dense(), hessian, 0.01);
    }

    @AfterEach
    void close() {
        workspace.close();
        arena.close();
        backend.close();
    }

    @Test
    void everyMethodReturnsItsCodesAndErrors() {
        for (RoundingMethod method : RoundingMethod.values()) {
            Result result = round(method, ScalarGrid.uniform(3), 5);
            float[] values = ScalarGrid.uniform(3).values();
            for (int i = 0; i < ROWS; i++) {
                for (int j = 0; j < COLUMNS; j++) {
                    assertThat(result.rounded.get(i, j)).isEqualTo(values[result.codes.get(i, j)]);
                    assertThat(result.errors.get(i, j))
                            .as("%s", method)
                            .isCloseTo(weights.get(i, j) - result.rounded.get(i, j), within(1e-5f));
                }
            }
        }
    }

    @Test
    void theMethodsRankAsInThePaper() {
        Map<RoundingMethod, Double> loss = new EnumMap<>(RoundingMethod.class);
        for (RoundingMethod method : RoundingMethod.values()) {
            loss.put(method, loss(round(method, ScalarGrid.uniform(3), 5).errors));
        }
        assertThat(loss.get(RoundingMethod.NEAREST)).isLessThan(loss.get(RoundingMethod.STOCHASTIC));
        assertThat(loss.get(RoundingMethod.GREEDY)).isLessThan(loss.get(RoundingMethod.NEAREST));
        assertThat(loss.get(RoundingMethod.LDLQ)).isLessThan(loss.get(RoundingMethod.NEAREST));
        assertThat(loss.get(RoundingMethod.LDLQ_RG)).isLessThan(loss.get(RoundingMethod.LDLQ));
    }

    @Test
    void stochasticRoundingIsRightOnAverage() {
        double sum = 0;
        int rounds = 200;
        for (int seed = 0; seed < rounds; seed++) {
            sum += round(RoundingMethod.STOCHASTIC, ScalarGrid.uniform(4), seed)
                    .rounded
                    .get(3, 5);
        }
        assertThat(sum / rounds).isCloseTo(weights.get(3, 5), within(0.15));
        assertThat(round(RoundingMethod.STOCHASTIC, ScalarGrid.uniform(4), 1)
                        .codes
                        .rows(0, ROWS))
                .isEqualTo(round(RoundingMethod.STOCHASTIC, ScalarGrid.uniform(4), 1)
                        .codes
                        .rows(0, ROWS));
    }

    /** As QuIP proves: the same feedback, written another way. OPTQ goes from the first column, LDLQ here from the last. */
    @Test
    void ldlqWithTheNearestRounderIsOptq() {
        float[][] optq = optq(reversed(weights), reversedBoth(hessian));
        Result ldlq = round(RoundingMethod.LDLQ, ScalarGrid.uniform(4), 0);
        int different = 0;
        for (int i = 0; i < ROWS; i++) {
            for (int j = 0; j < COLUMNS; j++) {
                different += optq[i][COLUMNS - 1 - j] == ldlq.rounded.get(i, j) ? 0 : 1;
            }
        }
        assertThat(different).isZero();
    }

    /** OPTQ: after each column the rest moves by its error times a row of the Cholesky factor of the inverse Hessian. */
    private static float[][] optq(double[][] targets, double[][] curvature) {
        double[][] upper = upperCholesky(inverse(curvature));
        float[][] rounded = new float[targets.length][COLUMNS];
        float[] value = new float[1];
        ScalarGrid grid = ScalarGrid.uniform(4);
        for (int j = 0; j < COLUMNS; j++) {
            for (int i = 0; i < targets.length; i++) {
                value[0] = (float) targets[i][j];
                grid.decode(grid.encode(value, 0), value, 0);
                rounded[i][j] = value[0];
                double error = (targets[i][j] - value[0]) / upper[j][j];
                for (int k = j; k < COLUMNS; k++) {
                    targets[i][k] -= error * upper[j][k];
                }
            }
        }
        return rounded;
    }

    /** U with U ᵀ U = matrix, U upper triangular. */
    private static double[][] upperCholesky(double[][] matrix) {
        int n = matrix.length;
        double[][] upper = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = i; j < n; j++) {
                double rest = matrix[i][j];
                for (int k = 0; k < i; k++) {
                    rest -= upper[k][i] * upper[k][j];
                }
                upper[i][j] = i == j ? Math.sqrt(rest) : rest / upper[i][i];
            }
        }
        return upper;
    }

    private static double[][] inverse(double[][] matrix) {
        int n = matrix.length;
        double[][] work = new double[n][2 * n];
        for (int i = 0; i < n; i++) {
            System.arraycopy(matrix[i], 0, work[i], 0, n);
            work[i][n + i] = 1;
        }
        for (int p = 0; p < n; p++) {
            double pivot = work[p][p];
            for (int j = 0; j < 2 * n; j++) {
                work[p][j] /= pivot;
            }
            for (int i = 0; i < n; i++) {
                double factor = i == p ? 0 : work[i][p];
                for (int j = 0; j < 2 * n; j++) {
                    work[i][j] -= factor * work[p][j];
                }
            }
        }
        double[][] inverse = new double[n][n];
        for (int i = 0; i < n; i++) {
            System.arraycopy(work[i], n, inverse[i], 0, n);
        }
        return inverse;
    }

    @ParameterizedTest
    @ValueSource(strings = {"e8p", "uniform"})
    void coordinateDescentNeverMakesTheLossWorse(String name) {
        Codebook codebook = Codebooks.of(name, 2);
        int block = codebook.dimension();
        Matrix errors = workspace.copyOf(weights);
        Matrix rounded = workspace.matrix(ROWS, COLUMNS);
        Matrix lower = workspace.matrix(COLUMNS, COLUMNS);
        HessianDamping.factor(backend, hessian, lower, block);
        CodebookRounder rounder = new CodebookRounder(backend, codebook, ROWS, COLUMNS);
        new BlockLdlq(backend, lower, block).round(errors, rounder, rounded);
        double last = ProxyLoss.energy(backend, errors, hessian);
        double first = last;
        CoordinateDescent descent = new CoordinateDescent(backend, hessian, block);
        for (int pass = 0; pass < 4; pass++) {
            descent.improve(1, errors, rounder, rounded);
            double now = ProxyLoss.energy(backend, errors, hessian);
            // E8P's nearest in Euclidean distance is not always the best under H_kk
            assertThat(now).isLessThan(last * (block == 1 ? 1.0001 : 1.02));
            last = now;
        }
        assertThat(last).isLessThan(0.99 * first);
        assertThat(ProxyLoss.relative(backend, workspace.copyOf(weights), rounded, hessian))
                .isCloseTo(last / ProxyLoss.energy(backend, workspace.copyOf(weights), hessian), within(1e-4));
    }

    /** As a caller does who stacks linears that share their input and packs each for itself. */
    @Test
    void codesOfSomeRowsArePackedAndDecodedAgain() {
        Codebook codebook = Codebooks.of("e8p", 3);
        Matrix rows = workspace.copyOf(gaussian(7, 64, 64));
        Matrix rounded = workspace.matrix(64, 64);
        CodebookRounder rounder = new CodebookRounder(backend, codebook, 64, 64);
        rounder.round(0, rows, rounded);
        assertThat(rounder.codes().rows()).isEqualTo(64);
        assertThat(rounder.codes().columns()).isEqualTo(8);
        long[] words = ResidualPacking.pack(3, rounder.codes().rows(16, 48), 32, 8);
        IntMatrix codes = workspace.copyOf(32, 8, ResidualPacking.unpack(3, words, 32, 8));
        Matrix decoded = workspace.matrix(32, 64);
        backend.codebook().decode(codebook, codes, decoded);
        backend.dense().add(-1, rounded.rows(16, 48), decoded);
        assertThat(backend.dense().maxMagnitude(decoded)).isZero();
    }

    private record Result(HostMatrix errors, HostMatrix rounded, CodeMatrix codes) {}

    private Result round(RoundingMethod method, ScalarGrid grid, long seed) {
        Matrix errors = workspace.copyOf(weights);
        Matrix rounded = workspace.matrix(ROWS, COLUMNS);
        GridRounding rounding = new GridRounding(backend, grid, hessian, TensorRandom.of(seed, "test"));
        CodeMatrix codes = rounding.round(method, errors, rounded).codes();
        return new Result(HostMatrix.require(errors), HostMatrix.require(rounded), codes);
    }

    private double loss(Matrix errors) {
        return ProxyLoss.energy(backend, errors, hessian);
    }

    private static double[][] reversed(HostMatrix matrix) {
        double[][] reversed = new double[matrix.rows()][matrix.columns()];
        for (int i = 0; i < matrix.rows(); i++) {
            for (int j = 0; j < matrix.columns(); j++) {
                reversed[i][matrix.columns() - 1 - j] = matrix.get(i, j);
            }
        }
        return reversed;
    }

    private static double[][] reversedBoth(Matrix matrix) {
        HostMatrix host = HostMatrix.require(matrix);
        double[][] reversed = new double[host.rows()][host.columns()];
        for (int i = 0; i < host.rows(); i++) {
            for (int j = 0; j < host.columns(); j++) {
                reversed[host.rows() - 1 - i][host.columns() - 1 - j] = host.get(i, j);
            }
        }
        return reversed;
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
