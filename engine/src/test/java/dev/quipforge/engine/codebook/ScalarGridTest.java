package dev.quipforge.engine.codebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScalarGridTest {

    @Test
    void theUniformGridHasStepsOfOne() {
        assertThat(ScalarGrid.uniform(2).values()).containsExactly(-1.5f, -0.5f, 0.5f, 1.5f);
        assertThat(ScalarGrid.uniform(2).encode(new float[] {0.9f}, 0)).isEqualTo(2);
        assertThat(ScalarGrid.uniform(2).encode(new float[] {-70}, 0)).isZero();
        assertThat(ScalarGrid.uniform(2).encode(new float[] {70}, 0)).isEqualTo(3);
        assertThat(ScalarGrid.uniform(4).scale(2.4)).isCloseTo(15 / 4.8, within(1e-12));
    }

    /** Textbook distortions of Lloyd-Max and of the best uniform quantizers. */
    @ParameterizedTest
    @CsvSource({
        "lloyd-max,2,0.1175",
        "lloyd-max,3,0.03454",
        "lloyd-max,4,0.009497",
        "uniform,2,0.1188",
        "uniform,3,0.03744",
        "uniform,4,0.01154"
    })
    void gaussianWeightsHaveTheKnownError(String name, int bits, double expected) {
        Codebook grid = Codebooks.of(name, bits);
        SplittableRandom random = new SplittableRandom(3);
        double error = 0;
        double energy = 0;
        float[] value = new float[1];
        for (int i = 0; i < 400_000; i++) {
            float weight = (float) (grid.scale() * random.nextGaussian());
            value[0] = weight;
            grid.decode(grid.encode(value, 0), value, 0);
            error += (weight - value[0]) * (weight - value[0]);
            energy += weight * weight;
        }
        assertThat(error / energy).isCloseTo(expected, within(0.01 * expected));
    }

    @Test
    void theNeighbourOfAWeightIsRightOnAverage() {
        ScalarGrid grid = ScalarGrid.lloydMax(2);
        for (float weight : new float[] {-1.4f, -0.4528f, 0.1f, 1.2f}) {
            double sum = 0;
            for (int i = 0; i < 10_000; i++) {
                sum += grid.neighbour(weight, (i + 0.5) / 10_000);
            }
            assertThat(sum / 10_000).isCloseTo(weight, within(2e-4));
        }
        assertThat(grid.neighbour(-9, 0.99)).isEqualTo(-1.5104f);
        assertThat(grid.neighbour(9, 0)).isEqualTo(1.5104f);
        assertThat(grid.neighbour(0.4528f, 0.3)).isEqualTo(0.4528f);
    }

    @Test
    void whatThereIsNotIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ScalarGrid.uniform(5))
                .withMessage("bits: 5 (expected: 2, 3 or 4)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codebooks.of("e8p", 5))
                .withMessageStartingWith("codebook: e8p with 5 bits (expected one of: uniform with 2,");
    }
}
