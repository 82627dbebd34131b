package dev.quipforge.engine.compute.vector.transformer;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.vector.lanes.Exponentials;
import dev.quipforge.engine.compute.vector.lanes.Lanes;
import dev.quipforge.engine.compute.vector.lanes.SoftmaxKernels;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The divergence of one row of logits from another, with its gradient, in three passes: the largest of both; the sums of
 * exponentials; the gradient. Between the last two the exponentials of the candidate stand where the gradient will.
 */
final class DivergenceKernel {

    /** Elements whose sums are kept in single precision before they join the double sums. */
    private static final int CHUNK = 512;

    private final MemorySegment reference;
    private final MemorySegment candidate;
    private final MemorySegment gradient;
    private final int length;
    private final float referenceShift;
    private final float candidateShift;
    private double referenceSum;
    private double candidateSum;
    private double weighted;

    private DivergenceKernel(MemorySegment reference, MemorySegment candidate, MemorySegment gradient, int length) {
        this.reference = reference;
        this.candidate = candidate;
        this.gradient = gradient;
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
        DivergenceKernel kernel = new DivergenceKernel(reference, candidate, gradient, length);
        for (int from = 0; from < length; from += CHUNK) {
            kernel.addChunk(from, Math.min(length, from + CHUNK));
        }
        kernel.write(factor);
        return kernel.weighted / kernel.referenceSum + Math.log(kernel.candidateSum) - Math.log(kernel.referenceSum);
    }

    /** With p and q less their largest: adds Σ e^p, Σ e^q and Σ e^p (p − q), and keeps e^q. */
    private void addChunk(int from, int to) {
        FloatVector pSums = FloatVector.zero(Lanes.FLOATS);
        FloatVector qSums = FloatVector.zero(Lanes.FLOATS);
        FloatVector products = FloatVector.zero(Lanes.FLOATS);
        int i = from;
        for (; i + Lanes.FLOATS.length() <= to; i += Lanes.FLOATS.length()) {
            FloatVector p = Lanes.load(reference, i).sub(referenceShift);
            FloatVector q = Lanes.load(candidate, i).sub(candidateShift);
            FloatVector pPower = Exponentials.exp(p);
            FloatVector qPower = Exponentials.exp(q);
            Lanes.store(qPower, gradient, i);
            pSums = pSums.add(pPower);
            qSums = qSums.add(qPower);
            products = pPower.fma(p.sub(q), products);
        }
        float pSum = Lanes.sum(pSums);
        float qSum = Lanes.sum(qSums);
        float product = Lanes.sum(products);
        for (; i < to; i++) {
            float p = reference.getAtIndex(JAVA_FLOAT, i) - referenceShift;
            float q = candidate.getAtIndex(JAVA_FLOAT, i) - candidateShift;
            float pPower = Exponentials.exp(p);
            float qPower = Exponentials.exp(q);
            gradient.setAtIndex(JAVA_FLOAT, i, qPower);
            pSum += pPower;
            qSum += qPower;
            product = Math.fma(pPower, p - q, product);
        }
        referenceSum += pSum;
        candidateSum += qSum;
        weighted += product;
    }

    /** Products are rounded before they are subtracted: equal rows have no gradient at all. */
    private void write(float factor) {
        float pFactor = (float) (factor / referenceSum);
        float qFactor = (float) (factor / candidateSum);
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            FloatVector p = Exponentials.exp(Lanes.load(reference, i).sub(referenceShift));
            FloatVector q = Lanes.load(gradient, i);
            Lanes.store(q.mul(qFactor).sub(p.mul(pFactor)), gradient, i);
        }
        for (; i < length; i++) {
            float p = Exponentials.exp(reference.getAtIndex(JAVA_FLOAT, i) - referenceShift);
            float q = gradient.getAtIndex(JAVA_FLOAT, i);
            gradient.setAtIndex(JAVA_FLOAT, i, q * qFactor - p * pFactor);
        }
    }
}
