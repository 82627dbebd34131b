package dev.quipforge.engine.compute.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.compute.vector.dense.Products;
import dev.quipforge.engine.compute.vector.lanes.Workers;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;
import dev.quipforge.engine.trellis.TrellisCodes;
import dev.quipforge.engine.trellis.Viterbi;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every code is encoded with every number of state bits and bits that it may be asked for. */
class EveryTrellisTest {

    private static final ComputeBackend BACKEND = new VectorBackend(new Workers(2), Products.best());
    private static final int COUNT = 6;
    private static final int LENGTH = 64;

    @AfterAll
    static void close() {
        BACKEND.close();
    }

    /** L from 8 to 18 and 1 to 4 bits; up to 8 bits for the codes of EXL3. */
    static Stream<Trellis> trellises() {
        return TrellisCodes.names().stream().flatMap(EveryTrellisTest::trellises);
    }

    private static Stream<Trellis> trellises(String code) {
        int most = code.equals("mcg") || code.equals("mul1") ? 8 : 4;
        return Stream.of(8, 9, 10, 11, 12, 13, 15, 16, 18)
                .flatMap(stateBits -> Stream.iterate(1, bits -> bits <= most, bits -> bits + 1)
                        .map(bits -> Trellis.of(code, stateBits, bits)));
    }

    @ParameterizedTest
    @MethodSource("trellises")
    void theWalkClosesAndIsNear(Trellis trellis) {
        SplittableRandom random = new SplittableRandom(1);
        int steps = trellis.steps(LENGTH);
        try (Workspace workspace = BACKEND.workspace()) {
            HostMatrix weights = HostMatrix.require(workspace.matrix(COUNT, LENGTH));
            for (int i = 0; i < COUNT * LENGTH; i++) {
                weights.set(i / LENGTH, i % LENGTH, (float) (0.9 * trellis.rms() * random.nextGaussian()));
            }
            HostMatrix decoded = HostMatrix.require(workspace.matrix(COUNT, LENGTH));
            HostIntMatrix states = HostIntMatrix.require(workspace.integers(COUNT, steps));
            BACKEND.trellis().encode(trellis, TailBiting.SEAM, weights, states, decoded);
            double error = 0;
            double exact = 0;
            for (int i = 0; i < COUNT; i++) {
                for (int step = 0; step < steps; step++) {
                    int next = states.get(i, (step + 1) % steps);
                    assertThat(next >>> trellis.stepBits()).isEqualTo(states.get(i, step) & (trellis.groups() - 1));
                }
                error += error(trellis, weights, states, decoded, i);
                exact += exact(trellis, weights, i);
            }
            assertThat(error).isLessThan(1.05 * exact);
        }
    }

    private static double error(
            Trellis trellis, HostMatrix weights, HostIntMatrix states, HostMatrix decoded, int row) {
        double error = 0;
        for (int j = 0; j < LENGTH; j++) {
            int state = states.get(row, j / trellis.values());
            float value = trellis.table()[state * trellis.values() + j % trellis.values()];
            assertThat(decoded.get(row, j)).isEqualTo(value);
            error += Math.pow((double) weights.get(row, j) - value, 2);
        }
        return error;
    }

    /** What the definition costs; for many states, where that takes too long, what no code is beyond. */
    private static double exact(Trellis trellis, HostMatrix weights, int row) {
        float[] sequence = weights.row(row).toArray(ValueLayout.JAVA_FLOAT);
        if (trellis.stateBits() <= 11) {
            Viterbi viterbi = new Viterbi(trellis, LENGTH);
            return viterbi.cost(sequence, viterbi.encode(sequence, TailBiting.SEAM));
        }
        double energy = LENGTH * Math.pow(0.9 * trellis.rms(), 2);
        return 3.3 * energy * Math.pow(4, -trellis.bits());
    }
}
