package dev.quipforge.engine.compute.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Elementwise gradients of one row: whole lanes, then the tail. Every element is read before it is written, so that
 * results may stand where operands did.
 */
final class GradientKernels {

    /** Elements whose sum is kept in single precision before it joins the double sum. */
    private static final int CHUNK = 512;

    private GradientKernels() {}

    /** sums[j] += a[j] · b[j]. */
    static void addProducts(MemorySegment a, MemorySegment b, float[] sums) {
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(sums.length); i += Lanes.FLOATS.length()) {
            FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, sums, i);
            Lanes.load(a, i).fma(Lanes.load(b, i), sum).intoArray(sums, i);
        }
        for (; i < sums.length; i++) {
            sums[i] = Math.fma(a.getAtIndex(JAVA_FLOAT, i), b.getAtIndex(JAVA_FLOAT, i), sums[i]);
        }
    }

    /** d gate = dy · up · s (1 + gate (1 − s)), d up = dy · gate · s, with s = 1 / (1 + e^−gate). */
    static void swiGlu(
            MemorySegment gate,
            MemorySegment up,
            MemorySegment gradient,
            MemorySegment gateGradient,
            MemorySegment upGradient,
            int length) {
        FloatVector one = FloatVector.broadcast(Lanes.FLOATS, 1);
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            FloatVector x = Lanes.load(gate, i);
            FloatVector sigmoid = one.div(Exponentials.exp(x.neg()).add(one));
            FloatVector scaled = Lanes.load(gradient, i).mul(sigmoid);
            FloatVector slope = x.fma(one.sub(sigmoid), one);
            FloatVector gateResult = scaled.mul(Lanes.load(up, i)).mul(slope);
            Lanes.store(scaled.mul(x), upGradient, i);
            Lanes.store(gateResult, gateGradient, i);
        }
        for (; i < length; i++) {
            float x = gate.getAtIndex(JAVA_FLOAT, i);
            float sigmoid = 1 / (Exponentials.exp(-x) + 1);
            float scaled = gradient.getAtIndex(JAVA_FLOAT, i) * sigmoid;
            float slope = Math.fma(x, 1 - sigmoid, 1);
            float gateResult = scaled * up.getAtIndex(JAVA_FLOAT, i) * slope;
            upGradient.setAtIndex(JAVA_FLOAT, i, scaled * x);
            gateGradient.setAtIndex(JAVA_FLOAT, i, gateResult);
        }
    }

    /** Σ (output − target)²; gradient = factor · (output − target). */
    static double squaredError(
            MemorySegment output, MemorySegment target, float factor, MemorySegment gradient, int length) {
        double sum = 0;
        for (int from = 0; from < length; from += CHUNK) {
            sum += errorChunk(output, target, factor, gradient, from, Math.min(length, from + CHUNK));
        }
        return sum;
    }

    private static float errorChunk(
            MemorySegment output, MemorySegment target, float factor, MemorySegment gradient, int from, int to) {
        FloatVector sums = FloatVector.zero(Lanes.FLOATS);
        int i = from;
        for (; i + Lanes.FLOATS.length() <= to; i += Lanes.FLOATS.length()) {
            FloatVector difference = Lanes.load(output, i).sub(Lanes.load(target, i));
            Lanes.store(difference.mul(factor), gradient, i);
            sums = difference.fma(difference, sums);
        }
        float sum = Lanes.sum(sums);
        for (; i < to; i++) {
            float difference = output.getAtIndex(JAVA_FLOAT, i) - target.getAtIndex(JAVA_FLOAT, i);
            gradient.setAtIndex(JAVA_FLOAT, i, difference * factor);
            sum = Math.fma(difference, difference, sum);
        }
        return sum;
    }
}
