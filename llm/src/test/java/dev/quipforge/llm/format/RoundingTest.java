package dev.quipforge.llm.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.rounding.Parts;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationNames;
import dev.quipforge.llm.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many parts, each with its own Hessian, are rounded like each alone, to the bit. */
class RoundingTest {

    private static final int HEIGHT = 16;

    private final Arena arena = Arena.ofShared();

    @AfterEach
    void close() {
        arena.close();
    }

    /**
     * What a part came to.
     *
     * @param damping of its Hessian
     * @param codes its packed codes
     * @param rounded its values
     * @param errors what they miss
     */
    private record Outcome(OptionalDouble damping, List<Byte> codes, List<Float> rounded, List<Float> errors) {}

    @ParameterizedTest
    @CsvSource({
        "vector, qtip, 3inst, 2, ldlq, 0, 160",
        "vector, qtip, hyb, 2, ldlq, 2, 48",
        "vector, quip-sharp, e8p, 2, ldlq, 3, 192",
        "vector, quip-sharp, e8p, 4, ldlq, 1, 64",
        "vector, quip, uniform, 4, ldlq, 0, 150",
        "vector, quip, lloyd-max, 2, ldlq, 2, 133",
        "vector, quip, uniform, 3, ldlq-rg, 0, 40",
        "vector, quip, uniform, 3, greedy, 0, 40",
        "vector, quip, uniform, 3, stochastic, 0, 40",
        "scalar, qtip, 3inst, 3, ldlq, 1, 32",
        "scalar, quip-sharp, e8p, 2, ldlq, 2, 64",
        "scalar, quip, lloyd-max, 3, ldlq, 1, 140"
    })
    void everyPartIsRoundedLikeAlone(
            String name, String method, String code, int bits, String rounding, int passes, int columns) {
        QuantizationConfig config = config(method, code, bits, rounding, passes);
        try (ComputeBackend backend = ComputeBackends.named(name)) {
            // the second needs some damping: it has fewer inputs than columns
            List<HostMatrix> hessians =
                    List.of(hessian(1, columns, 2 * columns), hessian(2, columns, 3), hessian(3, columns, 4 * columns));
            HostMatrix weights = gaussian(4, hessians.size() * HEIGHT, columns);
            List<Outcome> together = round(backend, config, hessians, weights);
            assertThat(together).hasSize(hessians.size());
            for (int part = 0; part < hessians.size(); part++) {
                HostMatrix own = weights.rows(part * HEIGHT, (part + 1) * HEIGHT);
                assertThat(List.of(together.get(part)))
                        .isEqualTo(round(backend, config, List.of(hessians.get(part)), own));
            }
            boolean factored = rounding.startsWith("ldlq");
            assertThat(together.get(0).damping()).hasValue(0);
            assertThat(together.get(1).damping().orElseThrow() > 0).isEqualTo(factored);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "qtip, 3inst, 2, ldlq, 1, 48",
        "quip-sharp, e8p, 2, ldlq, 2, 64",
        "quip, uniform, 4, ldlq, 2, 150",
        "quip, uniform, 3, ldlq-rg, 0, 40"
    })
    void aHessianOfNoUseSpoilsItsOwnPartOnly(
            String method, String code, int bits, String rounding, int passes, int columns) {
        QuantizationConfig config = config(method, code, bits, rounding, passes);
        try (ComputeBackend backend = ComputeBackends.named("vector")) {
            List<HostMatrix> hessians =
                    List.of(hessian(1, columns, 2 * columns), indefinite(columns), hessian(3, columns, 2 * columns));
            HostMatrix weights = gaussian(4, hessians.size() * HEIGHT, columns);
            List<Outcome> together = round(backend, config, hessians, weights);
            assertThat(together.get(1).damping()).isEmpty();
            for (int part : new int[] {0, 2}) {
                HostMatrix own = weights.rows(part * HEIGHT, (part + 1) * HEIGHT);
                assertThat(List.of(together.get(part)))
                        .isEqualTo(round(backend, config, List.of(hessians.get(part)), own));
            }
            Outcome alone = round(backend, config, List.of(hessians.get(1)), weights.rows(HEIGHT, 2 * HEIGHT))
                    .getFirst();
            assertThat(alone.damping()).isEmpty();
        }
    }

    @Test
    void partsOfUnequalHeightAreRefused() {
        QuantizationConfig config = config("quip", "uniform", 4, "ldlq", 0);
        try (ComputeBackend backend = ComputeBackends.named("vector")) {
            List<HostMatrix> hessians = List.of(hessian(1, 8, 16), hessian(2, 8, 16));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> round(backend, config, hessians, gaussian(4, 3, 8)))
                    .withMessage("weights: 3 rows (expected: 2 parts of equal height)");
        }
    }

    private static QuantizationConfig config(String method, String code, int bits, String rounding, int passes) {
        return new QuantizationNames(method, code, bits, "seam", rounding, "hadamard", passes, 5).config();
    }

    private List<Outcome> round(
            ComputeBackend backend, QuantizationConfig config, List<HostMatrix> hessians, HostMatrix weights) {
        WeightFormat format = Formats.of(config);
        int count = hessians.size();
        try (Workspace workspace = backend.workspace();
                Rounding rounding = format.rounding(backend, weights.rows(), weights.columns(), Progress.NONE)) {
            Matrix errors = workspace.copyOf(weights);
            backend.dense().scale(errors, (float) format.rms());
            Matrix rounded = workspace.matrix(weights.rows(), weights.columns());
            List<Matrix> curvatures = hessians.stream().map(workspace::copyOf).toList();
            List<OptionalDouble> dampings = rounding.round(curvatures, errors, rounded);
            List<Outcome> outcomes = new ArrayList<>();
            for (int part = 0; part < count; part++) {
                Tensor codes = rounding.codes("linear", part * HEIGHT, (part + 1) * HEIGHT);
                outcomes.add(new Outcome(
                        dampings.get(part),
                        bytes(codes.data()),
                        values(Parts.of(rounded, count).get(part)),
                        values(Parts.of(errors, count).get(part))));
            }
            return outcomes;
        }
    }

    private static List<Byte> bytes(MemorySegment data) {
        byte[] bytes = data.toArray(ValueLayout.JAVA_BYTE);
        return IntStream.range(0, bytes.length).mapToObj(i -> bytes[i]).toList();
    }

    private static List<Float> values(Matrix matrix) {
        HostMatrix host = HostMatrix.require(matrix);
        return IntStream.range(0, host.rows())
                .boxed()
                .flatMap(i -> IntStream.range(0, host.columns()).mapToObj(j -> host.get(i, j)))
                .toList();
    }

    /** Of {@code inputs} inputs; with few of them it is not positive definite as it is. */
    private HostMatrix hessian(long seed, int columns, int inputs) {
        HostMatrix hessian = HostMatrix.allocate(arena, columns, columns);
        HostMatrix drawn = gaussian(seed, inputs, columns);
        double regularization = inputs < columns ? -0.005 : 0.01;
        for (int i = 0; i < columns; i++) {
            for (int j = 0; j < columns; j++) {
                double sum = 0;
                for (int t = 0; t < inputs; t++) {
                    sum += (double) drawn.get(t, i) * drawn.get(t, j);
                }
                hessian.set(i, j, (float) (sum / inputs + (i == j ? regularization : 0)));
            }
        }
        return hessian;
    }

    private HostMatrix indefinite(int columns) {
        HostMatrix hessian = HostMatrix.allocate(arena, columns, columns);
        for (int i = 0; i < columns; i++) {
            for (int j = 0; j < columns; j++) {
                hessian.set(i, j, i == j ? 1 : 5);
            }
        }
        return hessian;
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
