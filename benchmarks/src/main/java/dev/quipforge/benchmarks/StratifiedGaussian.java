package dev.quipforge.benchmarks;

import dev.quipforge.engine.compute.HostMatrix;
import java.lang.foreign.Arena;
import java.util.random.RandomGenerator;

/**
 * Samples of N(0, 1), one from each of as many parts of equal probability, in random order. Independent draws would leave
 * more to chance: the mean squared error of a grid on 100,000 of them is off by up to 1 %.
 */
final class StratifiedGaussian {

    /** Where the integral of the density begins, and its steps. */
    private static final double START = -9;

    private static final double STEP = 1e-4;

    private StratifiedGaussian() {}

    /** A matrix of samples in host memory. */
    static HostMatrix draw(Arena arena, RandomGenerator random, int rows, int columns) {
        float[] samples = ascending(random, rows * columns);
        for (int i = samples.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            float swap = samples[i];
            samples[i] = samples[other];
            samples[other] = swap;
        }
        return HostMatrix.of(arena, rows, columns, samples);
    }

    /** One point in every part, from the least up: the density is integrated until it has the probability of the next. */
    private static float[] ascending(RandomGenerator random, int count) {
        float[] samples = new float[count];
        double x = START;
        double below = 0;
        double within = mass(x);
        for (int i = 0; i < count; i++) {
            double probability = (i + random.nextDouble()) / count;
            while (below + within < probability && x < -START) {
                below += within;
                x += STEP;
                within = mass(x);
            }
            samples[i] = (float) (x + STEP * (probability - below) / within);
        }
        return samples;
    }

    /** The probability of one step from {@code x} on, by the rule of the middle. */
    private static double mass(double x) {
        double middle = x + STEP / 2;
        return STEP * Math.exp(-middle * middle / 2) / Math.sqrt(2 * Math.PI);
    }
}
