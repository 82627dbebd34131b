package dev.quipforge.engine.compute;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.quipforge.engine.hadamard.Hadamard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every backend's {@link HadamardOps} must do. */
public abstract class HadamardOpsContract extends ComputeBackendContract {

    private static final double LIMIT = 1e-12;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8, 64, 12, 24, 384, 20, 28, 36, 104, 60, 108, 116, 124, 140, 156, 172, 344, 17, 30, 500})
    void rowsAreTransformed(int order) {
        Hadamard transform = Hadamard.fitting(order);
        Twins matrix = gaussian(1, 19, order + 5).columns(3, order + 3);
        backend().hadamard().transformRows(transform, matrix.actual());
        definition().hadamard().transformRows(transform, matrix.expected());
        assertClose("seed 1, order " + order, matrix, LIMIT);
        backend().hadamard().transformRowsInverse(transform, matrix.actual());
        assertClose("seed 1, inverse of order " + order, original(1, 19, order + 5, matrix), LIMIT);
    }

    private Twins original(long seed, int rows, int columns, Twins transformed) {
        Matrix expected = gaussian(seed, rows, columns).columns(3, columns - 2).expected();
        return new Twins(transformed.actual(), expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8, 64, 12, 24, 384, 20, 28, 36, 104, 60, 108, 116, 124, 140, 156, 172, 344, 17, 30, 500})
    void columnsAreTransformed(int order) {
        Hadamard transform = Hadamard.fitting(order);
        Twins matrix = gaussian(2, order, 24).columns(3, 22);
        backend().hadamard().transformColumns(transform, matrix.actual());
        definition().hadamard().transformColumns(transform, matrix.expected());
        assertClose("seed 2, order " + order, matrix, LIMIT);
        backend().hadamard().transformColumnsInverse(transform, matrix.actual());
        definition().hadamard().transformColumnsInverse(transform, matrix.expected());
        assertClose("seed 2, inverse of order " + order, matrix, LIMIT);
    }

    @Test
    void blocksAreTransformedEachOnItsOwn() {
        Hadamard transform = Hadamard.inBlocks(384, 128);
        Twins matrix = gaussian(4, 5, 384);
        Twins part = twins(download(matrix.actual())).columns(128, 256);
        backend().hadamard().transformRows(transform, matrix.actual());
        definition().hadamard().transformRows(Hadamard.of(128), part.expected());
        assertClose("seed 4", new Twins(matrix.actual().columns(128, 256), part.expected()), LIMIT);
    }

    @Test
    void aMatrixOfAnotherWidthIsRefused() {
        Twins matrix = gaussian(3, 5, 20);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> backend().hadamard().transformRows(Hadamard.of(24), matrix.actual()))
                .withMessage("matrix: 5 x 20 (expected: 5 x 24)");
    }
}
