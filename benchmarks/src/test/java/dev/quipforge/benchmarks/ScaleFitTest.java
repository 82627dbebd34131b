package dev.quipforge.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScaleFitTest {

    @Test
    void theVertexOfAParabolaIsFound() {
        assertThat(ScaleFit.least(scale -> 3 + (scale - 1.23) * (scale - 1.23), 1.1))
                .isCloseTo(1.23, within(1e-9));
    }

    @Test
    void aMinimumOutsideTheFirstScalesIsApproached() {
        assertThat(ScaleFit.least(scale -> (scale - 1.2) * (scale - 1.2), 1)).isCloseTo(1.2, within(1e-9));
    }

    @Test
    void whatOnlyFallsEndsAtTheLargest() {
        assertThat(ScaleFit.least(scale -> -scale * scale, 1)).isCloseTo(1.15 * 1.075, within(1e-9));
    }
}
