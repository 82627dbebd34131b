package dev.quipforge.benchmarks;

import java.util.function.DoubleUnaryOperator;

/**
 * The search for the scale of least error. Measured errors jump a little from scale to scale, and near the minimum they
 * hardly differ: so a parabola is laid through several of them, and its vertex taken; and again, closer to it.
 */
final class ScaleFit {

    /** Scales on each side of the middle one. */
    private static final int SIDE = 3;

    /** Σ x² and Σ (x² − 4)² over x = −3 … 3; 4 is the mean of x². */
    private static final double SQUARES = 28;

    private static final double CURVATURES = 84;
    private static final int MEAN_SQUARE = 4;

    /** Distances of neighbouring scales, as parts of the middle one. */
    private static final double[] STEPS = {0.05, 0.025};

    private ScaleFit() {}

    /**
     * The scale of least error.
     *
     * @param error the error at a scale; evaluated 14 times
     * @param usual a scale not far from it
     */
    static double least(DoubleUnaryOperator error, double usual) {
        double middle = usual;
        for (double step : STEPS) {
            middle *= 1 + step * vertex(error, middle, step);
        }
        return middle;
    }

    /** Where the parabola of least squares through seven errors has its vertex, in steps from the middle. */
    private static double vertex(DoubleUnaryOperator error, double middle, double step) {
        double slope = 0;
        double curvature = 0;
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int x = -SIDE; x <= SIDE; x++) {
            double y = error.applyAsDouble(middle * (1 + x * step));
            slope += x * y / SQUARES;
            curvature += (x * x - MEAN_SQUARE) * y / CURVATURES;
            if (y < least) {
                least = y;
                best = x;
            }
        }
        return curvature > 0 ? Math.clamp(-slope / (2 * curvature), -SIDE, SIDE) : best;
    }
}
