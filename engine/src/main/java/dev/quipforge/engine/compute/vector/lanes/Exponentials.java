package dev.quipforge.engine.compute.vector.lanes;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * e^x and tanh x in single precision, by one sequence of exactly rounded operations for lanes and for single values.
 *
 * <p>The lane-wise EXP of the Vector API is not used: its bits differ between interpreted and compiled code, and so from
 * run to run. Here x = n · ln 2 + r with |r| ≤ ln 2 / 2, e^r by its series to the 7th power; the error is below 2 units in
 * the last place. Arguments are clamped to ±87, where floats end.
 */
public final class Exponentials {

    private static final float LIMIT = 87;

    /** Below it e^x − 1 is summed without the 1, which would take its digits. */
    private static final float SMALL = 0.3465f;

    private static final float LOG2_E = 1.442695f;
    private static final float LN2_HIGH = 0.6933594f;
    private static final float LN2_LOW = -2.121944e-4f;

    /** 1.5 · 2²³: adding it rounds to an integer, which then is in the low bits. */
    private static final float ROUNDER = 12582912f;

    private static final float[] SERIES = {1f / 5040, 1f / 720, 1f / 120, 1f / 24, 1f / 6, 0.5f, 1, 1};

    private Exponentials() {}

    /** e^x in every lane. */
    public static FloatVector exp(FloatVector argument) {
        FloatVector x = argument.max(-LIMIT).min(LIMIT);
        FloatVector rounded = x.fma(broadcast(LOG2_E), broadcast(ROUNDER));
        FloatVector n = rounded.sub(ROUNDER);
        FloatVector r = n.fma(broadcast(-LN2_LOW), n.fma(broadcast(-LN2_HIGH), x));
        FloatVector power = broadcast(SERIES[0]);
        for (int i = 1; i < SERIES.length; i++) {
            power = power.fma(r, broadcast(SERIES[i]));
        }
        IntVector exponent = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return power.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    }

    /** e^x with the bits that a lane would have. */
    public static float exp(float argument) {
        float x = Math.min(Math.max(argument, -LIMIT), LIMIT);
        float rounded = Math.fma(x, LOG2_E, ROUNDER);
        float n = rounded - ROUNDER;
        float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
        float power = SERIES[0];
        for (int i = 1; i < SERIES.length; i++) {
            power = Math.fma(power, r, SERIES[i]);
        }
        return Float.intBitsToFloat(Float.floatToRawIntBits(power) + (Float.floatToRawIntBits(rounded) << 23));
    }

    /** tanh x = E / (E + 2) with E = e^2x − 1. */
    public static FloatVector tanh(FloatVector argument) {
        FloatVector x = argument.add(argument);
        FloatVector power = broadcast(SERIES[0]);
        for (int i = 1; i < SERIES.length - 1; i++) {
            power = power.fma(x, broadcast(SERIES[i]));
        }
        FloatVector less = exp(x).sub(1).blend(power.mul(x), x.abs().lt(SMALL));
        return less.div(less.add(2));
    }

    /** tanh x with the bits that a lane would have. */
    public static float tanh(float argument) {
        float x = argument + argument;
        float power = SERIES[0];
        for (int i = 1; i < SERIES.length - 1; i++) {
            power = Math.fma(power, x, SERIES[i]);
        }
        float less = Math.abs(x) < SMALL ? power * x : exp(x) - 1;
        return less / (less + 2);
    }

    private static FloatVector broadcast(float value) {
        return FloatVector.broadcast(Lanes.FLOATS, value);
    }
}
