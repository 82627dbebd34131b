package dev.quipforge.engine.incoherence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.hadamard.Hadamard;
import dev.quipforge.engine.rounding.ProxyLoss;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConditioningTest {

    private final ComputeBackend backend = ComputeBackends.named("vector");
    private final Arena arena = Arena.ofShared();
    private final Workspace workspace = backend.workspace();

    @AfterEach
    void close() {
        workspace.close();
        arena.close();
        backend.close();
    }

    @ParameterizedTest
    @CsvSource({"1,1", "2,1", "17,1", "12,3", "384,16", "1000,25", "60,6"})
    void everyDimensionIsTheProductOfTwoFactors(int order, int outer) {
        KroneckerOrthogonal transform = KroneckerOrthogonal.draw(1, "x", order);
        assertThat(transform.outer()).isEqualTo(outer);
        assertThat(transform.order()).isEqualTo(order);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 12, 60, 100})
    void theKroneckerTransformIsOrthogonal(int order) {
        KroneckerOrthogonal transform = KroneckerOrthogonal.draw(5, "x", order);
        HostMatrix matrix = HostMatrix.require(workspace.copyOf(gaussian(1, 3, order)));
        Matrix original = workspace.copyOf(matrix);
        transform.transformRows(backend, matrix);
        assertThat(backend.dense().innerProduct(matrix, matrix))
                .isCloseTo(backend.dense().innerProduct(original, original), within(1e-4 * order));
        if (order > 1) {
            assertThat(matrix.get(0, 0))
                    .isNotEqualTo(HostMatrix.require(original).get(0, 0));
        }
        transform.transformRowsInverse(backend, matrix);
        assertClose(matrix, original);
        Matrix columns = workspace.matrix(order, 3);
        backend.dense().transpose(original, columns);
        transform.transformColumns(backend, columns);
        transform.transformRows(backend, matrix);
        Matrix transposed = workspace.matrix(order, 3);
        backend.dense().transpose(matrix, transposed);
        assertClose(columns, transposed);
        transform.transformColumnsInverse(backend, columns);
        backend.dense().transpose(original, transposed);
        assertClose(columns, transposed);
    }

    @Test
    void theSameSeedAndNameDrawTheSameTransform() {
        Matrix one = workspace.copyOf(gaussian(1, 2, 30));
        Matrix two = workspace.copyOf(gaussian(1, 2, 30));
        KroneckerOrthogonal.draw(5, "x", 30).transformRows(backend, one);
        KroneckerOrthogonal.draw(5, "x", 30).transformRows(backend, two);
        backend.dense().add(-1, one, two);
        assertThat(backend.dense().maxMagnitude(two)).isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KroneckerOrthogonal.draw(5, "x", 0))
                .withMessage("dimension: 0 (expected: at least 1)");
    }

    @Test
    void rescalingLeavesTheLossAndMakesBothDiagonalsAlike() {
        Matrix weights = workspace.copyOf(gaussian(2, 20, 40));
        Matrix hessian = outliers(40);
        double before = ProxyLoss.energy(backend, weights, hessian);
        float[] factors = DiagonalRescaling.apply(backend, weights, hessian);
        assertThat(factors).hasSize(40);
        assertThat(ProxyLoss.energy(backend, weights, hessian)).isCloseTo(before, within(1e-4 * before));
        Matrix diagonal = workspace.matrix(1, 40);
        Matrix energies = workspace.matrix(1, 40);
        backend.dense().diagonal(hessian, diagonal);
        backend.dense().columnEnergies(weights, energies);
        double ratio = HostMatrix.require(diagonal).get(0, 0)
                / HostMatrix.require(energies).get(0, 0);
        for (int j = 1; j < 40; j++) {
            assertThat(HostMatrix.require(diagonal).get(0, j)
                            / HostMatrix.require(energies).get(0, j))
                    .isCloseTo((float) ratio, within((float) (1e-3 * ratio)));
        }
    }

    @Test
    void theTransformSpreadsOutliersBelowTheBound() {
        int order = 128;
        HostMatrix host = gaussian(3, 64, order);
        host.set(3, 4, 300);
        Matrix weights = workspace.copyOf(host);
        Matrix hessian = outliers(order);
        double weightsBefore = Incoherence.ofWeights(backend, weights);
        double hessianBefore = Incoherence.ofHessian(backend, hessian);
        Matrix signs = workspace.rowOf(SignVector.draw(1, "SU", order));
        backend.dense().scaleColumns(weights, signs);
        backend.dense().scaleColumns(hessian, signs);
        backend.dense().scaleRows(hessian, signs);
        Hadamard transform = Hadamard.of(order);
        backend.hadamard().transformRowsInverse(transform, weights);
        backend.hadamard().transformColumnsInverse(Hadamard.of(64), weights);
        backend.hadamard().transformRowsInverse(transform, hessian);
        backend.hadamard().transformColumnsInverse(transform, hessian);
        assertThat(weightsBefore).isGreaterThan(80);
        assertThat(Incoherence.ofWeights(backend, weights)).isLessThan(Incoherence.weightBound(64, order, 0.01));
        assertThat(hessianBefore).isGreaterThan(10);
        assertThat(Incoherence.ofHessian(backend, hessian)).isLessThan(Incoherence.hessianBound(order, 0.01));
    }

    @Test
    void zerosAreAsIncoherentAsCanBe() {
        assertThat(Incoherence.ofWeights(backend, workspace.matrix(3, 4))).isEqualTo(1);
    }

    /** A Hessian with one input that is far larger than the others. */
    private Matrix outliers(int order) {
        HostMatrix inputs = gaussian(4, 3 * order, order);
        for (int i = 0; i < inputs.rows(); i++) {
            inputs.set(i, 2, 50 * inputs.get(i, 2));
        }
        Matrix hessian = workspace.matrix(order, order);
        backend.dense().addGram(workspace.copyOf(inputs), hessian);
        return hessian;
    }

    private void assertClose(Matrix actual, Matrix expected) {
        Matrix difference = workspace.matrix(actual.rows(), actual.columns());
        backend.dense().copy(actual, difference);
        backend.dense().add(-1, expected, difference);
        assertThat(backend.dense().maxMagnitude(difference)).isLessThan(1e-5f);
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
