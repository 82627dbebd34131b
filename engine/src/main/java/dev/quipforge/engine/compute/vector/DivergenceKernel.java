package dev.quipforge.engine.compute.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The divergence of one row of logits from another, with its gradient, in three passes: the largest of both; the sums of
 * exponentials; the gradient. Exponentials are taken twice, which is cheaper than to keep those of a long row.
 */
final class DivergenceKernel {

    /** Elements whose sums are kept in single precision before they join the double sums. */
    private static final int CHUNK = 512;

    private final MemorySegment reference;
    private final MemorySegment candidate;
    private final int length;
    private final float referenceShift;
    private final float candidateShift;
    private double referenceSum;
    private double candidateSum;
    private double weighted;

    private DivergenceKernel(MemorySegment reference, MemorySegment candidate, int length) {
        this.reference = reference;
        this.candidate = candidate;
        this.length = length;
        this.referenceShift = SoftmaxKernels.largest(reference, length);
        this.candidateShift = SoftmaxKernels.largest(candidate, length);
    }

    /**
     * D(softmax(reference) ‖ softmax(candidate)); writes factor · (softmax(candidate) − softmax(reference)) to
     * {@code gradient}, which may be {@code candidate}.
     */
    static double run(
            MemorySegment reference, MemorySegment candidate, float factor, MemorySegment gradient, int length) {
        DivergenceKernel kernel = new DivergenceKernel(reference, candidate, length);
        for (int from = 0; from < length; from += CHUNK) {
            kernel.addChunk(from, Math.min(length, from + CHUNK));
        }
        kernel.write(factor, gradient);
        return kernel.weighted / kernel.referenceSum + Math.log(kernel.candidateSum) - Math.log(kernel.referenceSum);
    }

    /** With p and q less their largest: adds Σ e^p, Σ e^q and Σ e^p (p − q). */
    private void addChunk(int from, int to) {
        FloatVector pSums = FloatVector.zero(Lanes.FLOATS);
        FloatVector qSums = FloatVector.zero(Lanes.FLOATS);
        FloatVector products = FloatVector.zero(Lanes.FLOATS);
        int i = from;
        for (; i + Lanes.FLOATS.length() <= to; i += Lanes.FLOATS.length()) {
            FloatVector p = Lanes.load(reference, i).sub(referenceShift);
            FloatVector q = Lanes.load(candidate, i).sub(candidateShift);
            FloatVector power = Exponentials.exp(p);
            pSums = pSums.add(power);
            qSums = qSums.add(Exponentials.exp(q));
            products = power.fma(p.sub(q), products);
        }
        float pSum = Lanes.sum(pSums);
        float qSum = Lanes.sum(qSums);
        float product = Lanes.sum(products);
        for (; i < to; i++) {
            float p = reference.getAtIndex(JAVA_FLOAT, i) - referenceShift;
            float q = candidate.getAtIndex(JAVA_FLOAT, i) - candidateShift;
            float power = Exponentials.exp(p);
            pSum += power;
            qSum += Exponentials.exp(q);
            product = Math.fma(power, p - q, product);
        }
        referenceSum += pSum;
        candidateSum += qSum;
        weighted += product;
    }

    /** Products are rounded before they are subtracted: equal rows have no gradient at all. */
    private void write(float factor, MemorySegment gradient) {
        float pFactor = (float) (factor / referenceSum);
        float qFactor = (float) (factor / candidateSum);
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            FloatVector p = Exponentials.exp(Lanes.load(reference, i).sub(referenceShift));
            FloatVector q = Exponentials.exp(Lanes.load(candidate, i).sub(candidateShift));
            Lanes.store(q.mul(qFactor).sub(p.mul(pFactor)), gradient, i);
        }
        for (; i < length; i++) {
            float p = Exponentials.exp(reference.getAtIndex(JAVA_FLOAT, i) - referenceShift);
            float q = Exponentials.exp(candidate.getAtIndex(JAVA_FLOAT, i) - candidateShift);
            gradient.setAtIndex(JAVA_FLOAT, i, q * qFactor - p * pFactor);
        }
    }
}
