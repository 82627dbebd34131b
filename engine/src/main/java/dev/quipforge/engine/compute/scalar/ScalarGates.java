package dev.quipforge.engine.compute.scalar;

import dev.quipforge.engine.compute.GatedActivation;

/** The functions of {@link GatedActivation} and their derivatives: a product is {@code value(gate) · factor(up)}. */
final class ScalarGates {

    private static final double LIMIT = 7;
    private static final double STEEPNESS = 1.702;
    private static final double CUBIC = 0.044715;

    /** √(2/π). */
    private static final double ROOT = Math.sqrt(2 / Math.PI);

    /** Where erf is ±1 in double precision. */
    private static final double SATURATED = 6;

    private ScalarGates() {}

    static double value(GatedActivation activation, double x) {
        return switch (activation) {
            case SILU -> x / (1 + Math.exp(-x));
            case GELU_TANH -> x / 2 * (1 + Math.tanh(ROOT * (x + CUBIC * x * x * x)));
            case GELU -> x / 2 * (1 + erf(x / Math.sqrt(2)));
            case CLAMPED_SWISH -> Math.min(x, LIMIT) * sigmoid(STEEPNESS * Math.min(x, LIMIT));
        };
    }

    /** The derivative of {@link #value}. */
    static double slope(GatedActivation activation, double x) {
        return switch (activation) {
            case SILU -> sigmoid(x) * (1 + x * (1 - sigmoid(x)));
            case GELU_TANH -> {
                double tanh = Math.tanh(ROOT * (x + CUBIC * x * x * x));
                yield (1 + tanh + x * (1 - tanh * tanh) * ROOT * (1 + 3 * CUBIC * x * x)) / 2;
            }
            case GELU -> (1 + erf(x / Math.sqrt(2))) / 2 + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
            case CLAMPED_SWISH -> {
                double sigmoid = sigmoid(STEEPNESS * x);
                yield x > LIMIT ? 0 : sigmoid * (1 + STEEPNESS * x * (1 - sigmoid));
            }
        };
    }

    static double factor(GatedActivation activation, double up) {
        return activation == GatedActivation.CLAMPED_SWISH ? Math.clamp(up, -LIMIT, LIMIT) + 1 : up;
    }

    /** The derivative of {@link #factor}. */
    static double factorSlope(GatedActivation activation, double up) {
        return activation == GatedActivation.CLAMPED_SWISH && Math.abs(up) > LIMIT ? 0 : 1;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** erf(x) = 2/√π · e^−x² · Σ_n 2^n x^(2n+1) / (1 · 3 · … · (2n+1)), all terms of one sign. */
    static double erf(double x) {
        if (Math.abs(x) > SATURATED) {
            return Math.signum(x);
        }
        double term = x;
        double sum = 0;
        for (int n = 1; Math.abs(term) > Math.ulp(sum) / 2; n++) {
            sum += term;
            term *= 2 * x * x / (2 * n + 1);
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }
}
