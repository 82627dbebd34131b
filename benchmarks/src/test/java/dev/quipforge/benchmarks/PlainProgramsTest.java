package dev.quipforge.benchmarks;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.quipforge.engine.compute.HostMatrix;
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
