package dev.quipforge.engine.compute.vector.transformer;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.vector.lanes.Lanes;
import dev.quipforge.engine.compute.vector.lanes.RowKernels;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The gradient of the root-mean-square norm of some rows, one after the other, in arrays for the reason that
 * {@link AdamKernel} gives.
 */
final class NormGradient {

    private final float[] weight;
    private final float epsilon;
    private final float[] x;
    private final float[] gradient;

    NormGradient(MemorySegment weight, float epsilon) {
        this.weight = weight.toArray(JAVA_FLOAT);
        this.epsilon = epsilon;
        this.x = new float[this.weight.length];
        this.gradient = new float[this.weight.length];
    }

    /**
     * With r = 1 / sqrt(mean(x²) + epsilon): result = r (dy ∘ weight − x r² mean(dy ∘ weight ∘ x)), sums += r dy ∘ x.
     *
     * @param input x
     * @param outputGradient dy
     * @param result receives the gradient with respect to x; may be {@code outputGradient}
     * @param sums gradients with respect to the weight are added here
     */
    void row(MemorySegment input, MemorySegment outputGradient, MemorySegment result, float[] sums) {
        int width = weight.length;
        double squares = RowKernels.innerProduct(input, input, width) / width;
        MemorySegment.copy(input, JAVA_FLOAT, 0, x, 0, width);
        MemorySegment.copy(outputGradient, JAVA_FLOAT, 0, gradient, 0, width);
        double norm = 1 / Math.sqrt(squares + epsilon);
        scale(gradient, (float) norm);
        addProducts(gradient, x, sums);
        multiply(gradient, weight);
        double along = norm * norm * sumOfProducts(gradient, x) / width;
        subtract((float) along, x, gradient);
        MemorySegment.copy(gradient, 0, result, JAVA_FLOAT, 0, width);
    }

    private static void scale(float[] values, float factor) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
    }

    private static void multiply(float[] values, float[] factors) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= factors[i];
        }
    }

    private static void addProducts(float[] a, float[] b, float[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] = Math.fma(a[i], b[i], sums[i]);
        }
    }

    private static void subtract(float factor, float[] source, float[] target) {
        for (int i = 0; i < target.length; i++) {
            target[i] = Math.fma(-factor, source[i], target[i]);
        }
    }

    private static float sumOfProducts(float[] a, float[] b) {
        FloatVector lanes = FloatVector.zero(Lanes.FLOATS);
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(a.length); i += Lanes.FLOATS.length()) {
            FloatVector left = FloatVector.fromArray(Lanes.FLOATS, a, i);
            lanes = left.fma(FloatVector.fromArray(Lanes.FLOATS, b, i), lanes);
        }
        float sum = Lanes.sum(lanes);
        for (; i < a.length; i++) {
            sum = Math.fma(a[i], b[i], sum);
        }
        return sum;
    }
}
