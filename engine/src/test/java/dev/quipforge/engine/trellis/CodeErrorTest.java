package dev.quipforge.engine.trellis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.random.TensorRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the codes lose on 100,000 weights of N(0, 1), tail-biting over the seam. Minutes. */
@Tag("slow")
class CodeErrorTest {

    private static final ComputeBackend BACKEND = ComputeBackends.named("vector");
    private static final int SEQUENCES = 391;
    private static final int LENGTH = 256;

    @AfterAll
    static void close() {
        BACKEND.close();
    }

    @ParameterizedTest
    @CsvSource({
        "3inst,2,0.99,0.0694",
        "3inst,3,0.93,0.0180",
        "3inst,4,0.91,0.0047",
        "1mad,2,0.985,0.0694",
        "1mad,3,0.925,0.0179",
        "1mad,4,0.9,0.0046",
        "mul1,2,0.985,0.0689",
        "mul1,3,0.935,0.0176",
        "mul1,4,0.89,0.0046",
        "hyb,2,0.98,0.0712",
        "hyb,3,0.9,0.0191",
        "hyb,4,0.82,0.0056",
        "pair,2,0.955,0.0716",
        "pair,1,1.15,0.27",
        "mcg,2,0.985,0.0690",
        "lut,2,1,0.0690"
    })
    void theErrorIsAsSmallAsIsKnown(String code, int bits, double scale, double limit) {
        assertThat(error(Trellis.of(code, 16, bits), scale)).isLessThan(limit);
    }

    @Test
    void moreStatesLoseLess() {
        assertThat(error(Trellis.of("lut", 18, 2), 1)).isLessThan(0.99 * error(Trellis.of("lut", 16, 2), 1));
    }

    /** The mean squared error relative to the mean square of the weights. */
    private static double error(Trellis trellis, double scale) {
        TensorRandom random = TensorRandom.of(0, "codes");
        try (Workspace workspace = BACKEND.workspace()) {
            HostMatrix weights = HostMatrix.require(workspace.matrix(SEQUENCES, LENGTH));
            for (int i = 0; i < SEQUENCES; i++) {
                for (int j = 0; j < LENGTH; j++) {
                    weights.set(i, j, (float) (scale * trellis.rms() * random.nextGaussian()));
                }
            }
            Matrix decoded = workspace.matrix(SEQUENCES, LENGTH);
            BACKEND.trellis()
                    .encode(
                            trellis,
                            TailBiting.SEAM,
                            weights,
                            workspace.integers(SEQUENCES, trellis.steps(LENGTH)),
                            decoded);
            BACKEND.dense().add(-1, weights, decoded);
            return BACKEND.dense().innerProduct(decoded, decoded)
                    / BACKEND.dense().innerProduct(weights, weights);
        }
    }
}
