package dev.quipforge.engine.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every backend's {@link FactorOps} must do. */
public abstract class FactorOpsContract extends ComputeBackendContract {

    private static final double LIMIT = 1e-9;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 17, 64, 127, 128, 129, 200})
    void theCholeskyFactorAgreesWithTheDefinition(int order) {
        Twins square = hessian(1, order);
        backend().factor().cholesky(square.actual());
        definition().factor().cholesky(square.expected());
        assertClose("seed 1, order " + order, square, LIMIT);
        HostMatrix factor = download(square.actual());
        for (int i = 0; i < order; i++) {
            for (int j = i + 1; j < order; j++) {
                assertThat(factor.get(i, j)).as("%s, %s", i, j).isZero();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1", "16,16", "48,16", "160,16", "40,8", "33,1", "200,100"})
    void theBlockFactorReconstructsTheMatrix(int order, int block) {
        Twins square = hessian(2, order);
        HostMatrix original = download(square.actual());
        backend().factor().cholesky(square.actual());
        HostMatrix cholesky = download(square.actual());
        backend().factor().blockUnitLower(square.actual(), block);
        definition().factor().cholesky(square.expected());
        definition().factor().blockUnitLower(square.expected(), block);
        String what = "seed 2, order " + order + ", block " + block;
        assertClose(what, square, LIMIT);
        assertThat(normalizedError(product(download(square.actual()), cholesky, block), original))
                .as(what)
                .isLessThan(LIMIT);
    }

    /** L D Lᵀ from L − I, and D from the diagonal blocks of the Cholesky factor. */
    private HostMatrix product(HostMatrix strictlyLower, HostMatrix cholesky, int block) {
        int order = cholesky.rows();
        HostMatrix diagonal = HostMatrix.allocate(arena(), order, order);
        HostMatrix lower = HostMatrix.allocate(arena(), order, order);
        for (int i = 0; i < order; i++) {
            for (int j = 0; j < order; j++) {
                lower.set(i, j, strictlyLower.get(i, j) + (i == j ? 1 : 0));
                diagonal.set(i, j, i / block == j / block ? cholesky.get(i, j) : 0);
            }
        }
        HostMatrix half = HostMatrix.allocate(arena(), order, order);
        definition().dense().multiply(lower, diagonal, half);
        HostMatrix whole = HostMatrix.allocate(arena(), order, order);
        definition().dense().multiplyTransposed(half, half, whole);
        return whole;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 140})
    void aPivotThatIsNotPositiveIsNamed(int pivot) {
        HostMatrix host = HostMatrix.allocate(arena(), 150, 150);
        for (int i = 0; i < 150; i++) {
            host.set(i, i, i == pivot ? -1 : 1);
        }
        assertThatThrownBy(() -> backend().factor().cholesky(twins(host).actual()))
                .isInstanceOf(NotPositiveDefiniteException.class)
                .hasMessageStartingWith("pivot " + pivot + " is not positive");
        host.set(pivot, pivot, Float.NaN);
        assertThatThrownBy(() -> backend().factor().cholesky(twins(host).actual()))
                .isInstanceOf(NotPositiveDefiniteException.class)
                .hasMessageStartingWith("pivot " + pivot + " is not positive");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 17, 60})
    void eigenvectorsMakeTheMatrixDiagonal(int order) {
        Matrix original = hessian(4, order).expected();
        Matrix vectors = hessian(4, order).actual();
        backend().factor().eigenvectors(vectors);
        HostMatrix host = download(vectors);
        HostMatrix half = HostMatrix.allocate(arena(), order, order);
        HostMatrix transposed = HostMatrix.allocate(arena(), order, order);
        HostMatrix diagonal = HostMatrix.allocate(arena(), order, order);
        definition().dense().multiply(original, host, half);
        definition().dense().transpose(host, transposed);
        definition().dense().multiply(transposed, half, diagonal);
        for (int i = 0; i < order; i++) {
            assertThat((double) diagonal.get(i, i)).isGreaterThan(i == 0 ? 0 : diagonal.get(i - 1, i - 1) - 1e-4);
            for (int j = 0; j < i; j++) {
                assertThat((double) diagonal.get(i, j)).as("%s, %s", i, j).isCloseTo(0, within(2e-5));
            }
        }
        HostMatrix identity = HostMatrix.allocate(arena(), order, order);
        definition().dense().multiply(transposed, host, identity);
        definition().dense().addToDiagonal(identity, -1);
        assertThat(definition().dense().maxMagnitude(identity)).isLessThan(2e-6f);
    }

    @Test
    void anOrderThatTheBlockDoesNotDivideIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> backend().factor().blockUnitLower(hessian(3, 40).actual(), 16))
                .withMessage("matrix: order 40 (expected: a multiple of the block size 16)");
    }

    private Twins hessian(long seed, int order) {
        Matrix rows = gaussian(seed, 2 * order, order).expected();
        HostMatrix gram = HostMatrix.allocate(arena(), order, order);
        definition().dense().addGram(rows, gram);
        definition().dense().scale(gram, 1f / order);
        definition().dense().addToDiagonal(gram, 0.1f);
        return twins(gram);
    }
}
