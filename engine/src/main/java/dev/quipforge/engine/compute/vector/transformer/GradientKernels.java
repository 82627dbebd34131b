package dev.quipforge.engine.compute.vector.transformer;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.vector.lanes.Lanes;
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

    /** sums[j] += row[j]. */
    static void addRow(MemorySegment row, float[] sums) {
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(sums.length); i += Lanes.FLOATS.length()) {
            FloatVector.fromArray(Lanes.FLOATS, sums, i).add(Lanes.load(row, i)).intoArray(sums, i);
        }
        for (; i < sums.length; i++) {
            sums[i] += row.getAtIndex(JAVA_FLOAT, i);
        }
    }

    /** gradient = gradient · (1 − (output / cap)²). */
    static void softCap(MemorySegment output, float cap, MemorySegment gradient, int length) {
        FloatVector one = FloatVector.broadcast(Lanes.FLOATS, 1);
        float inverse = 1 / cap;
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            FloatVector tanh = Lanes.load(output, i).mul(inverse);
            Lanes.store(Lanes.load(gradient, i).mul(one.sub(tanh.mul(tanh))), gradient, i);
        }
        for (; i < length; i++) {
            float tanh = output.getAtIndex(JAVA_FLOAT, i) * inverse;
            gradient.setAtIndex(JAVA_FLOAT, i, gradient.getAtIndex(JAVA_FLOAT, i) * (1 - tanh * tanh));
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
