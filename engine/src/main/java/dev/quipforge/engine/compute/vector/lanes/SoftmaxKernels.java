package dev.quipforge.engine.compute.vector.lanes;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Exponentials and their sums over one row: whole lanes, then the tail; long sums in double precision. */
public final class SoftmaxKernels {

    /** Elements whose sum is kept in single precision before it joins the double sum. */
    private static final int CHUNK = 512;

    private SoftmaxKernels() {}

    /** The largest of a row, −∞ of an empty one. */
    public static float largest(MemorySegment row, int length) {
        FloatVector lanes = FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            lanes = lanes.max(Lanes.load(row, i));
        }
        float largest = lanes.reduceLanes(VectorOperators.MAX);
        for (; i < length; i++) {
            largest = Math.max(largest, row.getAtIndex(JAVA_FLOAT, i));
        }
        return largest;
    }

    /** Every x becomes e^(scale · (x − shift)); returns their sum. */
    public static double exponentiate(MemorySegment row, int length, float scale, float shift) {
        double sum = 0;
        for (int from = 0; from < length; from += CHUNK) {
            sum += exponentiateChunk(row, from, Math.min(length, from + CHUNK), scale, shift);
        }
        return sum;
    }

    private static float exponentiateChunk(MemorySegment row, int from, int to, float scale, float shift) {
        FloatVector sums = FloatVector.zero(Lanes.FLOATS);
        int i = from;
        for (; i + Lanes.FLOATS.length() <= to; i += Lanes.FLOATS.length()) {
            FloatVector power = Exponentials.exp(Lanes.load(row, i).sub(shift).mul(scale));
            Lanes.store(power, row, i);
            sums = sums.add(power);
        }
        float sum = Lanes.sum(sums);
        for (; i < to; i++) {
            float power = Exponentials.exp((row.getAtIndex(JAVA_FLOAT, i) - shift) * scale);
            row.setAtIndex(JAVA_FLOAT, i, power);
            sum += power;
        }
        return sum;
    }

    /** Every x becomes cap · tanh(scale · x / cap). */
    public static void cap(MemorySegment row, int length, float scale, float cap) {
        float factor = scale / cap;
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            Lanes.store(Exponentials.tanh(Lanes.load(row, i).mul(factor)).mul(cap), row, i);
        }
        for (; i < length; i++) {
            row.setAtIndex(JAVA_FLOAT, i, Exponentials.tanh(row.getAtIndex(JAVA_FLOAT, i) * factor) * cap);
        }
    }

    /** log Σ e^x. */
    public static double logSumExp(MemorySegment row, int length) {
        float shift = largest(row, length);
        double sum = 0;
        for (int from = 0; from < length; from += CHUNK) {
            sum += sumChunk(row, from, Math.min(length, from + CHUNK), shift);
        }
        return shift + Math.log(sum);
    }

    private static float sumChunk(MemorySegment row, int from, int to, float shift) {
        FloatVector sums = FloatVector.zero(Lanes.FLOATS);
        int i = from;
        for (; i + Lanes.FLOATS.length() <= to; i += Lanes.FLOATS.length()) {
            sums = sums.add(Exponentials.exp(Lanes.load(row, i).sub(shift)));
        }
        float sum = Lanes.sum(sums);
        for (; i < to; i++) {
            sum += Exponentials.exp(row.getAtIndex(JAVA_FLOAT, i) - shift);
        }
        return sum;
    }

    /** D(softmax(p) ‖ softmax(q)) = Σ e^(p − P) · (p − q + Q − P), with P and Q their log-sums. */
    public static double divergence(MemorySegment p, MemorySegment q, int length) {
        double pTotal = logSumExp(p, length);
        float offset = (float) (logSumExp(q, length) - pTotal);
        double sum = 0;
        for (int from = 0; from < length; from += CHUNK) {
            sum += divergenceChunk(p, q, from, Math.min(length, from + CHUNK), (float) pTotal, offset);
        }
        return sum;
    }

    private static float divergenceChunk(
            MemorySegment p, MemorySegment q, int from, int to, float pTotal, float offset) {
        FloatVector sums = FloatVector.zero(Lanes.FLOATS);
        int i = from;
        for (; i + Lanes.FLOATS.length() <= to; i += Lanes.FLOATS.length()) {
            FloatVector logits = Lanes.load(p, i);
            FloatVector ratio = logits.sub(Lanes.load(q, i)).add(offset);
            sums = Exponentials.exp(logits.sub(pTotal)).fma(ratio, sums);
        }
        float sum = Lanes.sum(sums);
        for (; i < to; i++) {
            float logit = p.getAtIndex(JAVA_FLOAT, i);
            sum = Math.fma(Exponentials.exp(logit - pTotal), logit - q.getAtIndex(JAVA_FLOAT, i) + offset, sum);
        }
        return sum;
    }
}
