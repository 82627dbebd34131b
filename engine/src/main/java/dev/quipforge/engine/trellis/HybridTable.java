package dev.quipforge.engine.trellis;

import dev.quipforge.engine.random.TensorRandom;
import java.util.random.RandomGenerator;

/**
 * How the table of {@link Hybrid} is made: the centroids of k-means on draws of N(0, I₂), normalized (QTIP, section
 * 3.1.2). The seed is fixed, so that the result never changes; it is kept as a resource since it takes a while.
 */
final class HybridTable {

    private static final long SEED = 1;
    private static final int SAMPLES = 1 << 18;

    /** Until the mean distance shrinks by less than this. */
    private static final double TOLERANCE = 1e-5;

    /** The root mean square of the table, sqrt(15 / 16). */
    private static final double RMS = 0.9682458365518543;

    private HybridTable() {}

    /** The pairs of a table with {@code rows} rows, each value a half-precision number. */
    static float[] make(int rows) {
        RandomGenerator random = TensorRandom.of(SEED, "hyb");
        double[] samples = draw(random, SAMPLES);
        double[] centroids = draw(random, rows);
        double last = Double.POSITIVE_INFINITY;
        for (double mean = move(samples, centroids); last - mean > TOLERANCE; mean = move(samples, centroids)) {
            last = mean;
        }
        return normalized(centroids);
    }

    private static double[] draw(RandomGenerator random, int points) {
        double[] drawn = new double[2 * points];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = random.nextGaussian();
        }
        return drawn;
    }

    /**
     * One step of Lloyd's algorithm: every centroid moves to the mean of the samples nearest to it; one without samples
     * stays.
     *
     * @return the mean distance before the step
     */
    private static double move(double[] samples, double[] centroids) {
        double[] sums = new double[centroids.length];
        int[] counts = new int[centroids.length / 2];
        double distance = 0;
        for (int i = 0; i < samples.length; i += 2) {
            int nearest = nearest(samples[i], samples[i + 1], centroids);
            sums[2 * nearest] += samples[i];
            sums[2 * nearest + 1] += samples[i + 1];
            counts[nearest]++;
            double x = samples[i] - centroids[2 * nearest];
            double y = samples[i + 1] - centroids[2 * nearest + 1];
            distance += Math.sqrt(x * x + y * y);
        }
        for (int j = 0; j < counts.length; j++) {
            if (counts[j] > 0) {
                centroids[2 * j] = sums[2 * j] / counts[j];
                centroids[2 * j + 1] = sums[2 * j + 1] / counts[j];
            }
        }
        return 2 * distance / samples.length;
    }

    private static int nearest(double x, double y, double[] centroids) {
        int nearest = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int j = 0; j < centroids.length; j += 2) {
            double dx = x - centroids[j];
            double dy = y - centroids[j + 1];
            double squared = dx * dx + dy * dy;
            if (squared < least) {
                least = squared;
                nearest = j / 2;
            }
        }
        return nearest;
    }

    private static float[] normalized(double[] centroids) {
        double energy = 0;
        for (double value : centroids) {
            energy += value * value;
        }
        double factor = RMS / Math.sqrt(energy / centroids.length);
        float[] pairs = new float[centroids.length];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = Float.float16ToFloat(Float.floatToFloat16((float) (centroids[i] * factor)));
        }
        return pairs;
    }
}
