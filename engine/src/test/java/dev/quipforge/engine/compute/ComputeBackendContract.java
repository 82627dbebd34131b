package dev.quipforge.engine.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.engine.packing.TrellisPacking;
import dev.quipforge.engine.trellis.Trellis;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What the contract suites of the operation families share. A backend passes them by extending each; what it computes is
 * held against the scalar backend, the definition.
 */
public abstract class ComputeBackendContract {

    private static final ComputeBackend DEFINITION = ComputeBackends.named("scalar");

    private Arena arena = Arena.ofAuto();
    private Workspace actualSpace = DEFINITION.workspace();
    private Workspace expectedSpace = DEFINITION.workspace();

    /** For subclasses. */
    protected ComputeBackendContract() {}

    /** The backend under test, open for the whole suite. */
    protected abstract ComputeBackend backend();

    @BeforeEach
    void openWorkspaces() {
        arena = Arena.ofShared();
        actualSpace = backend().workspace();
        expectedSpace = DEFINITION.workspace();
    }

    @AfterEach
    void closeWorkspaces() {
        actualSpace.close();
        expectedSpace.close();
        arena.close();
    }

    /** The backend that defines what is right. */
    protected final ComputeBackend definition() {
        return DEFINITION;
    }

    /** Host memory of this test. */
    protected final Arena arena() {
        return arena;
    }

    /** The same matrix on the backend under test and on the definition. */
    protected record Twins(Matrix actual, Matrix expected) {

        /** Columns {@code from} to {@code to} of both. */
        public Twins columns(int from, int to) {
            return new Twins(actual.columns(from, to), expected.columns(from, to));
        }

        /** Rows {@code from} to {@code to} of both. */
        public Twins rows(int from, int to) {
            return new Twins(actual.rows(from, to), expected.rows(from, to));
        }
    }

    /** A matrix of N(0, 1) on both backends. */
    protected final Twins gaussian(long seed, int rows, int columns) {
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + rows * 1009L + columns);
        HostMatrix host = HostMatrix.allocate(arena, rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                host.set(i, j, (float) random.nextGaussian());
            }
        }
        return twins(host);
    }

    /** The same values on both backends. */
    protected final Twins twins(HostMatrix values) {
        return new Twins(actualSpace.copyOf(values), expectedSpace.copyOf(values));
    }

    /** The same integers on both backends, the actual one first. */
    protected final IntMatrix[] twins(int rows, int columns, int[] values) {
        return new IntMatrix[] {actualSpace.copyOf(rows, columns, values), expectedSpace.copyOf(rows, columns, values)};
    }

    /** The bits of so many tiles of a trellis code, joined for both backends, the actual ones first; any bits are codes. */
    protected final IntMatrix[] randomTiles(long seed, Trellis trellis, int tiles) {
        int perTile = TrellisPacking.words(trellis, trellis.steps(256)) / 2;
        return twins(
                tiles,
                perTile,
                new SplittableRandom(seed).ints((long) tiles * perTile).toArray());
    }

    /** What the backend under test holds, in host memory. */
    protected final HostMatrix download(Matrix matrix) {
        HostMatrix host = HostMatrix.allocate(arena, matrix.rows(), matrix.columns());
        backend().download(matrix, host);
        return host;
    }

    /**
     * Demands Σ (actual − expected)² / Σ expected² below {@code limit}.
     *
     * @param what seed and sizes, for the message
     * @param twins what was computed, and what is right
     * @param limit of the normalized squared error
     */
    protected final void assertClose(String what, Twins twins, double limit) {
        HostMatrix actual = download(twins.actual);
        HostMatrix expected = HostMatrix.allocate(arena, twins.expected.rows(), twins.expected.columns());
        DEFINITION.download(twins.expected, expected);
        assertThat(normalizedError(actual, expected)).as(what).isLessThanOrEqualTo(limit);
    }

    /** Σ (actual − expected)² / Σ expected². */
    protected static double normalizedError(HostMatrix actual, HostMatrix expected) {
        Shapes.requireSame("actual", actual, expected);
        double error = 0;
        double energy = 0;
        for (int i = 0; i < expected.rows(); i++) {
            for (int j = 0; j < expected.columns(); j++) {
                double difference = (double) actual.get(i, j) - expected.get(i, j);
                error += difference * difference;
                energy += (double) expected.get(i, j) * expected.get(i, j);
            }
        }
        return energy == 0 ? error : error / energy;
    }
}
