package dev.quipforge.engine.hadamard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import java.lang.foreign.Arena;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The worked examples of the QTIP reference. */
class HadamardTest {

    @ParameterizedTest
    @CsvSource({
        "4096,1",
        "384,12",
        "1152,36",
        "5120,20",
        "6656,52",
        "11008,172",
        "13824,108",
        "14336,28",
        "1,1",
        "12,12"
    })
    void theOuterFactorIsTheFirstOfTheTableThatDivides(int order, int outer) {
        assertThat(Hadamard.of(order)).isEqualTo(new Hadamard(order, outer, 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {18944, 29568, 9728, 25600, 17408, 5632, 17, 0, -4, 3})
    void aDimensionWithoutAMatrixIsNamed(int order) {
        assertThat(Hadamard.supports(order)).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Hadamard.of(order))
                .withMessageStartingWith("dimension: " + order + " (expected: K * 2^p with K one of [172, 156,");
    }

    @ParameterizedTest
    @CsvSource({"2880,60,3", "5460,156,35", "1000,20,25", "17,1,17", "1,1,1", "384,12,1", "18944,1,37", "17408,1,17"})
    void everyDimensionHasTheLargestBlocksThatItAllows(int order, int outer, int blocks) {
        assertThat(Hadamard.fitting(order)).isEqualTo(new Hadamard(order, outer, blocks));
    }

    @Test
    void blocksOfAnySupportedSizeMayBeAskedFor() {
        assertThat(Hadamard.inBlocks(1152, 128)).isEqualTo(new Hadamard(1152, 1, 9));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Hadamard.inBlocks(1000, 128))
                .withMessage("Hadamard block: 128 (expected: a divisor of the dimension 1000)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Hadamard.fitting(0))
                .withMessage("dimension: 0 (expected: at least 1)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Hadamard(24, 1, 1))
                .withMessageStartingWith("Hadamard: order 24 in 1 blocks with outer factor 1 (expected: blocks of");
    }

    @Test
    void theExamplesOfTheReferenceComeOut() {
        IntUnaryOperator ramp = i -> i + 1;
        assertStartsWith(transform(8, ramp, false), 12.727922, -1.414214, -2.828427, 0, -5.656854, 0, 0, 0);
        assertStartsWith(
                transform(12, ramp, false),
                -21.93931,
                4.041452,
                1.154701,
                4.618802,
                1.732051,
                -1.154701,
                -4.041452,
                -0.57735,
                2.886751,
                6.350853,
                3.464102,
                6.928203);
        assertStartsWith(
                transform(12, ramp, true),
                22.51666,
                -2.886751,
                0.57735,
                -2.309401,
                1.154701,
                4.618802,
                8.082904,
                5.196152,
                2.309401,
                -0.57735,
                2.886751,
                0);
        assertStartsWith(transform(24, ramp, false), -60.012499, 2.041241, 11.022704, -0.408248, 2.857738);
        assertStartsWith(transform(24, ramp, true), 61.237244, -2.44949, -8.164966, 0, 1.632993);
        assertStartsWith(transform(24, i -> i, false), -55.930016, 2.041241, 10.206207, -0.408248, 2.041241, -0.408248);
        assertStartsWith(transform(24, i -> i, true), 56.338264, -2.449490, -8.164966, 0, 1.632993, 0);
        assertStartsWith(transform(344, i -> i % 7, false), 8.35704, 0.269582, 7.602211, 2.53407);
        assertStartsWith(transform(344, i -> i % 7, true), -1.779241, 0.485247, -3.612398, -1.779241);
    }

    private static float[] transform(int order, IntUnaryOperator input, boolean transposed) {
        try (ComputeBackend backend = ComputeBackends.named("scalar");
                Arena arena = Arena.ofShared()) {
            HostMatrix row = HostMatrix.allocate(arena, 1, order);
            for (int i = 0; i < order; i++) {
                row.set(0, i, input.applyAsInt(i));
            }
            if (transposed) {
                backend.hadamard().transformRowsInverse(Hadamard.of(order), row);
            } else {
                backend.hadamard().transformRows(Hadamard.of(order), row);
            }
            return row.data().toArray(java.lang.foreign.ValueLayout.JAVA_FLOAT);
        }
    }

    private static void assertStartsWith(float[] actual, double... expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual[i]).as("element %s", i).isCloseTo(expected[i], within(1.1e-5));
        }
    }
}
