package dev.quipforge.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.quipforge.engine.compute.BackendUnavailableException;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.incoherence.Hadamard;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the contract is too small for: the kernels that only large shapes and the full trellis reach. */
@Tag("gpu")
class LargeShapesTest {

    private static @Nullable ComputeBackend opened;
    private static @Nullable String reason;

    @BeforeAll
    static void open() {
        try {
            opened = ComputeBackends.named("cuda");
        } catch (BackendUnavailableException e) {
            reason = e.getMessage();
        }
    }

    @AfterAll
    static void close() {
        if (opened != null) {
            opened.close();
        }
    }

    private static ComputeBackend cuda() {
        return opened == null ? abort(reason) : opened;
    }

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
                Workspace workspace = cuda().workspace()) {
            HostMatrix host = gaussian(arena, order, 3, order);
            Matrix rows = workspace.copyOf(host);
            cuda().hadamard().transformRows(transform, rows);
            HostMatrix transformed = HostMatrix.allocate(arena, 3, order);
            cuda().download(rows, transformed);
            assertOneRow(transform, host, transformed);

            Matrix columns = workspace.matrix(order, 3);
            cuda().dense().transpose(workspace.copyOf(host), columns);
            cuda().hadamard().transformColumns(transform, columns);
            Matrix back = workspace.matrix(3, order);
            cuda().dense().transpose(columns, back);
            HostMatrix again = HostMatrix.allocate(arena, 3, order);
            cuda().download(back, again);
            assertOneRow(transform, host, again);

            cuda().hadamard().transformRowsInverse(transform, rows);
            cuda().dense().add(-1, workspace.copyOf(host), rows);
            assertThat(cuda().dense().innerProduct(rows, rows)).isLessThan(3e-12 * order);
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
                Workspace workspace = cuda().workspace()) {
            HostMatrix host = gaussian(arena, 5, tokens, width);
            Matrix gram = workspace.matrix(width, width);
            cuda().dense().addGram(workspace.copyOf(host), gram);
            HostMatrix result = HostMatrix.allocate(arena, width, width);
            cuda().download(gram, result);
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

    @ParameterizedTest
    @CsvSource({"2, 0.0690", "3, 0.0179", "4, 0.0047"})
    void gaussianSequencesAreEncodedWithTheErrorOfTheDefinition(int bits, double limit) {
        Trellis trellis = Trellis.of("3inst", 16, bits);
        int count = 301;
        double deviation = 1.2437;
        try (Arena arena = Arena.ofConfined();
                Workspace workspace = cuda().workspace()) {
            HostMatrix host = gaussian(arena, 11 + bits, count, 256);
            Matrix sequences = workspace.copyOf(host);
            cuda().dense().scale(sequences, (float) (deviation * 0.96));
            for (TailBiting tailBiting : TailBiting.values()) {
                IntMatrix states = workspace.integers(count, 256);
                Matrix decoded = workspace.matrix(count, 256);
                cuda().trellis().encode(trellis, tailBiting, sequences, states, decoded);
                int[] s = cuda().download(states);
                for (int i = 0; i < count * 256; i++) {
                    int next = i % 256 == 255 ? i - 255 : i + 1;
                    assertThat(s[next] >>> bits).isEqualTo(s[i] & (1 << 16 - bits) - 1);
                }
                cuda().dense().add(-1, sequences, decoded);
                double error = cuda().dense().innerProduct(decoded, decoded) / (count * 256.0) / deviation / deviation;
                System.out.printf("%d bits, %s: mean squared error %.5f%n", bits, tailBiting, error / 0.96 / 0.96);
                assertThat(error).as("%s bits, %s", bits, tailBiting).isLessThan(limit);
            }
        }
    }
}
