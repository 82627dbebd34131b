package dev.quipforge.benchmarks;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.hadamard.Hadamard;
import dev.quipforge.engine.rounding.BlockLdlq;
import dev.quipforge.engine.rounding.BlockRounder;
import dev.quipforge.engine.rounding.HessianDamping;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;
import dev.quipforge.engine.trellis.Viterbi;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The yardsticks do the same work as the engine: else they would be none. */
class PlainProgramsTest {

    @Test
    void theJavaProgramFindsWhatTheDefinitionFinds() {
        Trellis trellis = Trellis.of("3inst", 10, 2);
        PlainViterbi plain = new PlainViterbi(trellis.table(), 2, 64);
        Viterbi definition = new Viterbi(trellis, 64);
        for (float[] sequence : sequences(20, 64, trellis.rms())) {
            int[] states = plain.encode(sequence);

            assertThat(states).isEqualTo(definition.encode(sequence, TailBiting.EXACT));
            assertThat(plain.cost(sequence, states)).isCloseTo(definition.cost(sequence, states), within(1e-4));
        }
    }

    @Test
    void theCProgramLosesWhatTheJavaProgramLoses() throws IOException, InterruptedException {
        Trellis trellis = Trellis.of("3inst", 16, 2);
        List<float[]> sequences = sequences(2, 256, trellis.rms());
        Optional<CProgram.Measured> program = CProgram.run(trellis.table(), sequences);
        assumeThat(program).as("gcc").isPresent();
        CProgram.Measured measured = program.orElseThrow();

        PlainViterbi plain = new PlainViterbi(trellis.table(), 2, 256);
        double cost = 0;
        for (float[] sequence : sequences) {
            cost += plain.cost(sequence, plain.encode(sequence));
        }
        assertThat(measured.squaredError()).isCloseTo(cost / 512, within(1e-6));
        assertThat(measured.secondsPerSequence()).isPositive();
    }

    @Test
    void theTransformIsTheDefinitions() {
        for (int order : new int[] {1, 8, 24, 56}) {
            Hadamard transform = Hadamard.of(order);
            float[] vector = sequences(1, order, 1).getFirst();
            try (ComputeBackend definition = ComputeBackends.named("scalar");
                    Workspace workspace = definition.workspace()) {
                Matrix matrix = workspace.rowOf(vector);
                definition.hadamard().transformRows(transform, matrix);
                new PlainHadamard(transform).transform(vector);
                for (int i = 0; i < order; i++) {
                    assertThat(vector[i]).isCloseTo(HostMatrix.require(matrix).get(0, i), within(1e-5f));
                }
            }
        }
    }

    @Test
    void theRoundingWithFeedbackIsTheEngines() {
        int order = 24;
        try (ComputeBackend backend = ComputeBackends.named("scalar");
                Workspace workspace = backend.workspace();
                Arena arena = Arena.ofConfined()) {
            Matrix hessian = workspace.matrix(order, order);
            backend.dense().addGram(workspace.copyOf(Bench.gaussian(arena, "x", 40, order, 1)), hessian);
            float[][] plain = rows(hessian);
            Matrix lower = workspace.matrix(order, order);
            HessianDamping.factor(backend, hessian, lower, 1);
            PlainLdlq.factor(plain);
            assertClose(plain, rows(lower));

            Matrix weights = workspace.copyOf(Bench.gaussian(arena, "w", 5, order, 4));
            float[][] errors = rows(weights);
            float[][] feedback = new float[order][order];
            for (int i = 0; i < order; i++) {
                for (int j = 0; j < order; j++) {
                    feedback[j][i] = plain[i][j];
                }
            }
            PlainLdlq.round(errors, feedback, Math::rint);
            BlockRounder nearest = (_, target, rounded) -> {
                for (int i = 0; i < target.rows(); i++) {
                    HostMatrix.require(rounded).set(i, 0, (float)
                            Math.rint(HostMatrix.require(target).get(i, 0)));
                }
            };
            new BlockLdlq(backend, lower, 1).round(weights, nearest, workspace.matrix(5, order));
            assertClose(errors, rows(weights));
        }
    }

    private static float[][] rows(Matrix matrix) {
        HostMatrix host = HostMatrix.require(matrix);
        float[][] rows = new float[host.rows()][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = host.row(i).toArray(JAVA_FLOAT);
        }
        return rows;
    }

    private static void assertClose(float[][] actual, float[][] expected) {
        for (int i = 0; i < expected.length; i++) {
            for (int j = 0; j < expected[i].length; j++) {
                assertThat(actual[i][j]).as("[%s][%s]", i, j).isCloseTo(expected[i][j], within(1e-4f));
            }
        }
    }

    private static List<float[]> sequences(int count, int length, double deviation) {
        List<float[]> sequences = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix drawn = Bench.gaussian(arena, "plain", count, length, deviation);
            for (int i = 0; i < count; i++) {
                sequences.add(drawn.row(i).toArray(JAVA_FLOAT));
            }
        }
        return sequences;
    }
}
