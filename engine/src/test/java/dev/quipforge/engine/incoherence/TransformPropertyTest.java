package dev.quipforge.engine.incoherence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.hadamard.Hadamard;
import dev.quipforge.engine.hadamard.SmallHadamard;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.AfterTry;

/** What makes a transform orthogonal, for every dimension. */
class TransformPropertyTest {

    private static final int ROWS = 3;

    private final ComputeBackend backend = ComputeBackends.named("vector");
    private Arena arena = Arena.ofShared();
    private Workspace workspace = backend.workspace();

    @AfterTry
    void startAfresh() {
        workspace.close();
        arena.close();
        workspace = backend.workspace();
        arena = Arena.ofShared();
    }

    @AfterProperty
    void close() {
        workspace.close();
        arena.close();
        backend.close();
    }

    @Provide
    Arbitrary<Integer> orders() {
        return Arbitraries.oneOf(
                Arbitraries.integers().between(1, 1500),
                Arbitraries.of(2880, 5460, 1000, 17, 1, 4096, 5120),
                Arbitraries.of(SmallHadamard.orders()).map(order -> 8 * order));
    }

    @Property(tries = 100)
    void theHadamardTransformIsOrthogonal(@ForAll("orders") int order, @ForAll long seed) {
        Hadamard transform = Hadamard.fitting(order);
        Matrix vectors = workspace.copyOf(gaussian(seed, ROWS, order));
        assertOrthogonal(
                vectors,
                matrix -> backend.hadamard().transformRows(transform, matrix),
                matrix -> backend.hadamard().transformRowsInverse(transform, matrix));
    }

    @Property(tries = 60)
    void columnsAreTransformedLikeRows(@ForAll("orders") int order, @ForAll long seed) {
        Hadamard transform = Hadamard.fitting(order);
        Matrix rows = workspace.copyOf(gaussian(seed, ROWS, order));
        Matrix columns = workspace.matrix(order, ROWS);
        backend.dense().transpose(rows, columns);
        backend.hadamard().transformRows(transform, rows);
        backend.hadamard().transformColumns(transform, columns);
        Matrix transposed = workspace.matrix(order, ROWS);
        backend.dense().transpose(rows, transposed);
        assertClose(columns, transposed);
    }

    @Property(tries = 40)
    void theKroneckerTransformIsOrthogonal(@ForAll @IntRange(min = 1, max = 900) int order, @ForAll long seed) {
        KroneckerOrthogonal transform = KroneckerOrthogonal.draw(seed, "property", order);
        Matrix vectors = workspace.copyOf(gaussian(seed, ROWS, order));
        assertOrthogonal(
                vectors,
                matrix -> transform.transformRows(backend, matrix),
                matrix -> transform.transformRowsInverse(backend, matrix));
    }

    /** All products of two vectors, among them their energies, stay; and the inverse gives the vectors back. */
    private void assertOrthogonal(Matrix vectors, Consumer<Matrix> forward, Consumer<Matrix> back) {
        Matrix transformed = workspace.matrix(vectors.rows(), vectors.columns());
        backend.dense().copy(vectors, transformed);
        forward.accept(transformed);
        for (int i = 0; i < ROWS; i++) {
            for (int j = 0; j <= i; j++) {
                double before = product(vectors, i, j);
                double scale = Math.sqrt(product(vectors, i, i) * product(vectors, j, j));
                assertThat(product(transformed, i, j)).isCloseTo(before, within(1e-5 * scale));
            }
        }
        back.accept(transformed);
        assertClose(transformed, vectors);
    }

    private double product(Matrix vectors, int i, int j) {
        return backend.dense().innerProduct(vectors.rows(i, i + 1), vectors.rows(j, j + 1));
    }

    private void assertClose(Matrix actual, Matrix expected) {
        Matrix difference = workspace.matrix(actual.rows(), actual.columns());
        backend.dense().copy(actual, difference);
        backend.dense().add(-1, expected, difference);
        assertThat(backend.dense().maxMagnitude(difference)).isLessThan(2e-5f);
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
