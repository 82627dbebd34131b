package dev.quipforge.engine.compute.vector.transformer;

import dev.quipforge.engine.compute.vector.lanes.Exponentials;
import dev.quipforge.engine.compute.vector.lanes.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The functions in the gates of MLPs and their derivatives, on lanes. Finite for all finite arguments. */
final class GateLanes {

    /** Where gpt-oss clamps. */
    private static final float LIMIT = 7;

    private static final float STEEPNESS = 1.702f;
    private static final float CUBIC = 0.044715f;

    /** 2 √(2/π). */
    private static final float TWICE_ROOT = (float) (2 * Math.sqrt(2 / Math.PI));

    /** Beyond it the approximation of GELU is 0 or x in single precision, and powers of x could overflow. */
    private static final float SATURATED = 10;

    /** Abramowitz and Stegun, formula 7.1.26 for 1 − erf(z): an error of at most 1.5 · 10⁻⁷. */
    private static final float[] ERROR_SERIES = {1.0614054f, -1.4531521f, 1.4214138f, -0.28449672f, 0.2548296f};

    private static final float ERROR_POLE = 0.3275911f;
    private static final float ROOT_OF_HALF = (float) Math.sqrt(0.5);
    private static final float DENSITY = (float) (1 / Math.sqrt(2 * Math.PI));

    private GateLanes() {}

    static FloatVector sigmoid(FloatVector x) {
        return broadcast(1).div(Exponentials.exp(x.neg()).add(1));
    }

    /** The sigmoid s of the approximation of GELU, x · s; of {@link #bounded} x. */
    static FloatVector geluSigmoid(FloatVector x) {
        FloatVector cubic = x.mul(x).mul(x).fma(broadcast(CUBIC), x);
        return sigmoid(cubic.mul(TWICE_ROOT));
    }

    static FloatVector bounded(FloatVector x) {
        return x.max(-SATURATED).min(SATURATED);
    }

    /** d(x s) / dx = s + x s (1 − s) · 2 √(2/π) (1 + 3 · 0.044715 x²), with s of {@link #geluSigmoid}. */
    static FloatVector geluTanhSlope(FloatVector argument, FloatVector sigmoid) {
        FloatVector x = bounded(argument);
        FloatVector inner = x.mul(x).fma(broadcast(3 * CUBIC), broadcast(1)).mul(TWICE_ROOT);
        FloatVector rest = broadcast(1).sub(sigmoid);
        return x.mul(sigmoid).mul(rest).fma(inner, sigmoid);
    }

    /** e^(−x² / 2). */
    static FloatVector bell(FloatVector x) {
        return Exponentials.exp(x.mul(x).mul(-0.5f));
    }

    /** The share of the normal distribution below x, from {@link #bell} x. */
    static FloatVector normal(FloatVector x, FloatVector bell) {
        FloatVector z = x.abs().mul(ROOT_OF_HALF);
        FloatVector t = broadcast(1).div(z.fma(broadcast(ERROR_POLE), broadcast(1)));
        FloatVector sum = broadcast(ERROR_SERIES[0]);
        for (int i = 1; i < ERROR_SERIES.length; i++) {
            sum = sum.fma(t, broadcast(ERROR_SERIES[i]));
        }
        FloatVector tail = sum.mul(t).mul(bell).mul(0.5f);
        return broadcast(1).sub(tail).blend(tail, x.lt(0));
    }

    /** d(x Φ(x)) / dx = Φ(x) + x φ(x). */
    static FloatVector geluSlope(FloatVector x, FloatVector normal, FloatVector bell) {
        FloatVector density = bell.mul(DENSITY);
        return x.mul(density).add(normal);
    }

    static FloatVector atMostLimit(FloatVector x) {
        return x.min(LIMIT);
    }

    static FloatVector withinLimit(FloatVector x) {
        return x.max(-LIMIT).min(LIMIT);
    }

    static FloatVector steepSigmoid(FloatVector x) {
        return sigmoid(x.mul(STEEPNESS));
    }

    /** d(g s) / dx of g = min(x, 7) and s = {@link #steepSigmoid} g: s (1 + 1.702 g (1 − s)), zero beyond 7. */
    static FloatVector clampedSlope(FloatVector x, FloatVector sigmoid) {
        FloatVector rest = broadcast(1).sub(sigmoid);
        FloatVector inner = atMostLimit(x).mul(STEEPNESS).mul(rest).add(1);
        return sigmoid.mul(inner).blend(0, x.compare(VectorOperators.GT, LIMIT));
    }

    /** {@code values} where x is within ±7, zero elsewhere. */
    static FloatVector whereWithinLimit(FloatVector values, FloatVector x) {
        return values.blend(0, x.abs().compare(VectorOperators.GT, LIMIT));
    }

    private static FloatVector broadcast(float value) {
        return FloatVector.broadcast(Lanes.FLOATS, value);
    }
}
