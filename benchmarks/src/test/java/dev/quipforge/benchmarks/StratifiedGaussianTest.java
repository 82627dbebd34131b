package dev.quipforge.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.HostMatrix;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class StratifiedGaussianTest {

    @Test
    void theMomentsAreThoseOfTheNormalDistribution() {
        double[] moments = new double[5];
        double neighbours = 0;
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix drawn = StratifiedGaussian.draw(arena, Bench.random("moments"), 100, 1000);
            for (int i = 0; i < 100; i++) {
                for (int j = 0; j < 1000; j++) {
                    for (int power = 1; power < moments.length; power++) {
                        moments[power] += Math.pow(drawn.get(i, j), power) / 1e5;
                    }
                    neighbours += drawn.get(i, j) * drawn.get(i, (j + 1) % 1000) / 1e5;
                }
            }
        }
        assertThat(moments[1]).isCloseTo(0, within(1e-4));
        assertThat(moments[2]).isCloseTo(1, within(1e-3));
        assertThat(moments[3]).isCloseTo(0, within(1e-2));
        assertThat(moments[4]).isCloseTo(3, within(2e-2));
        // four standard deviations of the mean of so many products
        assertThat(neighbours).isCloseTo(0, within(4 / Math.sqrt(1e5)));
    }
}
