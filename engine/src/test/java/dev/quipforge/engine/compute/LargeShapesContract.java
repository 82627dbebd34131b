package dev.quipforge.engine.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.engine.hadamard.Hadamard;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the other contracts are too small for: kernels that only large shapes and the full trellis reach. It would take a CPU
 * many minutes.
 */
public abstract class LargeShapesContract {

    /** For subclasses. */
    protected LargeShapesContract() {}

    /** The backend under test, open for the whole suite. */
    protected abstract ComputeBackend backend();

    private static HostMatrix gaussian(Arena arena, long seed, int rows, int columns) {
        SplittableRandom random = new SplittableRandom(seed);
        HostMatrix host = HostMatrix.allocate(arena, rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                host.set(i, j, (float) random.nextGaussian());
            }
        }
        return host;
    }

    /** The definition would take minutes here; one row is enough to hold all against. */
    @ParameterizedTest
    @ValueSource(ints = {4096, 14336, 11008, 8192, 28672, 13824, 3072, 53248, 57344})
    void longRowsAndColumnsAreTransformed(int order) {
        Hadamard transform = Hadamard.of(order);
        try (Arena arena = Arena.ofConfined();
                Workspace workspace = backend().workspace()) {
            HostMatrix host = gaussian(arena, order, 3, order);
            Matrix rows = workspace.copyOf(host);
            backend().hadamard().transformRows(transform, rows);
            HostMatrix transformed = HostMatrix.allocate(arena, 3, order);
            backend().download(rows, transformed);
            assertOneRow(transform, host, transformed);

            Matrix columns = workspace.matrix(order, 3);
            backend().dense().transpose(workspace.copyOf(host), columns);
            backend().hadamard().transformColumns(transform, columns);
            Matrix back = workspace.matrix(3, order);
            backend().dense().transpose(columns, back);
            HostMatrix again = HostMatrix.allocate(arena, 3, order);
            backend().download(back, again);
            assertOneRow(transform, host, again);

            backend().hadamard().transformRowsInverse(transform, rows);
            backend().dense().add(-1, workspace.copyOf(host), rows);
            assertThat(backend().dense().innerProduct(rows, rows)).isLessThan(3e-12 * order);
        }
    }

    private static void assertOneRow(Hadamard transform, HostMatrix host, HostMatrix transformed) {
        double error = 0;
        for (int i = 0; i < 64; i++) {
            int row = (int) ((long) i * 7919 % transform.order());
            double sum = 0;
            for (int j = 0; j < transform.order(); j++) {
                sum += transform.sign(row, j) * (double) host.get(1, j);
            }
            double difference = sum / Math.sqrt(transform.order()) - transformed.get(1, row);
            error += difference * difference;
        }
        assertThat(error / 64).as("order %s", transform.order()).isLessThan(1e-11);
    }

    /** 8192 tokens of width 2048 go through the tensor cores. */
    @Test
    void aLargeGramMatrixIsAsPreciseAsASmallOne() {
        int tokens = 4099;
        int width = 2080;
        try (Arena arena = Arena.ofConfined();
                Workspace workspace = backend().workspace()) {
            HostMatrix host = gaussian(arena, 5, tokens, width);
            Matrix gram = workspace.matrix(width, width);
            backend().dense().addGram(workspace.copyOf(host), gram);
            HostMatrix result = HostMatrix.allocate(arena, width, width);
            backend().download(gram, result);
            double error = 0;
            double energy = 0;
            for (int i = 3; i < width; i += 97) {
                for (int j = 1; j < width; j += 89) {
                    double sum = 0;
                    for (int t = 0; t < tokens; t++) {
                        sum += (double) host.get(t, i) * host.get(t, j);
                    }
                    error += (sum - result.get(i, j)) * (sum - result.get(i, j));
                    energy += sum * sum;
                    assertThat(result.get(i, j)).isEqualTo(result.get(j, i));
                }
            }
            assertThat(error / energy).isLessThan(1e-10);
        }
    }

    /** Long windows may be attended to in bf16. */
    @ParameterizedTest
    @CsvSource({"64, 520, 520, 2", "128, 523, 523, 1", "64, 300, 801, 2", "128, 256, 1000, 1"})
    void longWindowsAreAttendedToAsFarAsBf16Does(int width, int queries, int keys, int windows) {
        AttentionGeometry geometry = AttentionGeometry.of(6, 2, width);
        try (Arena arena = Arena.ofConfined();
                ComputeBackend scalar = ComputeBackends.named("scalar");
                Workspace workspace = backend().workspace()) {
            HostMatrix query = gaussian(arena, 31, windows * queries, 6 * width);
            HostMatrix key = gaussian(arena, 32, windows * keys, 2 * width);
            HostMatrix value = gaussian(arena, 33, windows * keys, 2 * width);
            HostMatrix expected = HostMatrix.allocate(arena, query.rows(), query.columns());
            scalar.transformer().causalAttention(geometry, new AttentionInputs(query, key, value), windows, expected);
            Matrix output = workspace.matrix(query.rows(), query.columns());
            backend()
                    .transformer()
                    .causalAttention(
                            geometry,
                            new AttentionInputs(
                                    workspace.copyOf(query), workspace.copyOf(key), workspace.copyOf(value)),
                            windows,
                            output);
            HostMatrix actual = HostMatrix.allocate(arena, query.rows(), query.columns());
            backend().download(output, actual);
            assertThat(ComputeBackendContract.normalizedError(actual, expected)).isLessThan(1e-4);
        }
    }

    /** Likewise the way back. */
    @ParameterizedTest
    @CsvSource({"64, 320, 2", "128, 323, 1", "64, 256, 1", "128, 577, 1"})
    void longWindowsPassGradientsBackAsFarAsBf16Does(int width, int length, int windows) {
        AttentionGeometry geometry = AttentionGeometry.of(6, 2, width);
        try (Arena arena = Arena.ofConfined();
                ComputeBackend scalar = ComputeBackends.named("scalar")) {
            HostMatrix[] inputs = {
                gaussian(arena, 34, windows * length, 6 * width),
                gaussian(arena, 35, windows * length, 2 * width),
                gaussian(arena, 36, windows * length, 2 * width),
                gaussian(arena, 37, windows * length, 6 * width)
            };
            HostMatrix[] actual = passedBack(backend(), arena, geometry, windows, inputs);
            HostMatrix[] expected = passedBack(scalar, arena, geometry, windows, inputs);
            for (int i = 0; i < actual.length; i++) {
                assertThat(ComputeBackendContract.normalizedError(actual[i], expected[i]))
                        .as("gradient %s", i)
                        .isLessThan(1e-4);
            }
        }
    }

    /** Gradients of queries, keys and values, from these and the gradient of the output. */
    private static HostMatrix[] passedBack(
            ComputeBackend on, Arena arena, AttentionGeometry geometry, int windows, HostMatrix[] inputs) {
        try (Workspace workspace = on.workspace()) {
            Matrix query = workspace.copyOf(inputs[0]);
            Matrix key = workspace.copyOf(inputs[1]);
            Matrix value = workspace.copyOf(inputs[2]);
            Matrix output = workspace.matrix(query.rows(), query.columns());
            on.transformer().causalAttention(geometry, new AttentionInputs(query, key, value), windows, output);
            Matrix[] results = {
                workspace.copyOf(inputs[3]), workspace.copyOf(inputs[1]), workspace.copyOf(inputs[2]),
            };
            on.gradient()
                    .causalAttention(
                            geometry,
                            new AttentionInputs(query, key, value),
                            output,
                            windows,
                            workspace.copyOf(inputs[3]),
                            new AttentionInputs(results[0], results[1], results[2]));
            HostMatrix[] hosts = new HostMatrix[results.length];
            for (int i = 0; i < hosts.length; i++) {
                hosts[i] = HostMatrix.allocate(arena, results[i].rows(), results[i].columns());
                on.download(results[i], hosts[i]);
            }
            return hosts;
        }
    }

    /** Mean squared errors of N(0, 1) as other programs measured them, and 1.5 % for the draw. */
    @ParameterizedTest
    @CsvSource({"2, 0.0699", "3, 0.0181", "4, 0.00475"})
    void gaussianSequencesAreEncodedWithThePublishedError(int bits, double limit) {
        Trellis trellis = Trellis.of("3inst", 16, bits);
        int count = 1301;
        float deviation = (float) (trellis.rms() * 0.96);
        try (Arena arena = Arena.ofConfined();
                Workspace workspace = backend().workspace()) {
            Matrix sequences = workspace.copyOf(gaussian(arena, 11, count, 256));
            backend().dense().scale(sequences, deviation);
            for (TailBiting tailBiting : TailBiting.values()) {
                IntMatrix states = workspace.integers(count, 256);
                Matrix decoded = workspace.matrix(count, 256);
                backend().trellis().encode(trellis, tailBiting, sequences, states, decoded);
                assertThat(isPath(trellis, backend().download(states), 256)).isTrue();
                backend().dense().add(-1, sequences, decoded);
                double error =
                        backend().dense().innerProduct(decoded, decoded) / (count * 256.0) / deviation / deviation;
                assertThat(error).as("%s bits, %s", bits, tailBiting).isLessThan(limit);
            }
        }
    }

    /** Searches in half precision may lose little against double precision; those in single precision next to nothing. */
    @ParameterizedTest
    @CsvSource({
        "3inst, 16, 2, 24, 256, 3e-3",
        "3inst, 16, 3, 24, 256, 3e-3",
        "3inst, 16, 4, 24, 256, 3e-3",
        "3inst, 16, 2, 7, 101, 6e-3",
        "3inst, 16, 3, 1, 64, 6e-3",
        "3inst, 16, 4, 3, 31, 6e-3",
        "pair, 16, 2, 25, 256, 3e-3",
        "pair, 16, 3, 25, 256, 3e-3",
        "pair, 16, 4, 25, 256, 3e-3",
        "hyb, 16, 3, 25, 256, 3e-3",
        "hyb, 16, 4, 25, 256, 3e-3",
        "hyb, 16, 3, 7, 102, 6e-3",
        "hyb, 16, 4, 1, 30, 6e-3",
        "pair, 16, 4, 5, 4, 6e-3",
        "3inst, 16, 1, 3, 64, 1e-5",
        "3inst, 12, 2, 31, 100, 1e-5",
        "pair, 11, 3, 6, 50, 1e-5",
        "pair, 12, 5, 3, 40, 1e-5",
        "3inst, 9, 1, 5, 40, 1e-5",
        "3inst, 8, 4, 3, 16, 1e-5"
    })
    void theErrorIsThatOfTheDefinition(String code, int stateBits, int bits, int count, int length, double tolerance) {
        Trellis trellis = Trellis.of(code, stateBits, bits);
        try (Arena arena = Arena.ofConfined();
                ComputeBackend scalar = ComputeBackends.named("scalar")) {
            HostMatrix host = gaussian(arena, 17, count, length);
            scalar.dense().scale(host, (float) trellis.rms());
            for (TailBiting tailBiting : TailBiting.values()) {
                double expected = error(scalar, trellis, tailBiting, host);
                double actual = error(backend(), trellis, tailBiting, host);
                assertThat(actual)
                        .as("%s", tailBiting)
                        .isBetween(expected * (1 - tolerance), expected * (1 + tolerance));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"3inst, 2", "3inst, 3", "3inst, 4", "hyb, 2", "hyb, 3", "hyb, 4"})
    void weightsFarOutsideTheCodeAreEncodedAsWellAsItCan(String code, int bits) {
        Trellis trellis = Trellis.of(code, 16, bits);
        try (Arena arena = Arena.ofConfined();
                ComputeBackend scalar = ComputeBackends.named("scalar")) {
            HostMatrix host = gaussian(arena, 23, 4, 256);
            for (int j = 0; j < 256; j++) {
                host.set(0, j, j % 2 == 0 ? 100 : -100);
                host.set(1, j, host.get(1, j) * (j % 16 == 0 ? 8 : 1));
                host.set(2, j, 1e30f);
            }
            for (int row : new int[] {0, 1, 3}) {
                HostMatrix one = host.rows(row, row + 1);
                double expected = error(scalar, trellis, TailBiting.SEAM, one);
                assertThat(error(backend(), trellis, TailBiting.SEAM, one))
                        .as("row %s", row)
                        .isLessThan(1.03 * expected);
            }
            assertThat(error(backend(), trellis, TailBiting.SEAM, host)).isPositive();
        }
    }

    private static double error(ComputeBackend backend, Trellis trellis, TailBiting tailBiting, HostMatrix host) {
        try (Workspace workspace = backend.workspace()) {
            Matrix sequences = workspace.copyOf(host);
            int steps = host.columns() / trellis.values();
            IntMatrix states = workspace.integers(host.rows(), steps);
            Matrix decoded = workspace.matrix(host.rows(), host.columns());
            backend.trellis().encode(trellis, tailBiting, sequences, states, decoded);
            assertThat(isPath(trellis, backend.download(states), steps)).isTrue();
            backend.dense().add(-1, sequences, decoded);
            return backend.dense().innerProduct(decoded, decoded);
        }
    }

    /** Whether every state follows the one before it, and the first the last. */
    private static boolean isPath(Trellis trellis, int[] states, int steps) {
        for (int i = 0; i < states.length; i++) {
            int next = i % steps == steps - 1 ? i - steps + 1 : i + 1;
            if (states[next] >>> trellis.stepBits() != (states[i] & trellis.groups() - 1)) {
                return false;
            }
        }
        return true;
    }
}
