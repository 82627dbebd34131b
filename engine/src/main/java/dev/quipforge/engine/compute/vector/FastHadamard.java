package dev.quipforge.engine.compute.vector;

import dev.quipforge.engine.incoherence.Hadamard;
import dev.quipforge.engine.incoherence.SmallHadamard;
import jdk.incubator.vector.FloatVector;

/**
 * One block of U or Uᵀ applied to {@link #WIDTH} vectors at once; element i of vector k is at i · WIDTH + k. Sylvester's
 * factor by butterflies, the small factor by sums of whole blocks.
 */
final class FastHadamard {

    /** Vectors side by side: a multiple of the lanes of every machine. */
    static final int WIDTH = 16;

    private final int inner;
    private final int outer;
    /** The small matrix times 1 / sqrt(n / b), row by row as it is applied. */
    private final float[] small;

    private FastHadamard(int inner, int outer, float[] small) {
        this.inner = inner;
        this.outer = outer;
        this.small = small;
    }

    static FastHadamard of(Hadamard transform, boolean transposed) {
        int outer = transform.outer();
        SmallHadamard matrix = SmallHadamard.of(outer);
        float magnitude = (float) (1 / Math.sqrt(transform.size()));
        float[] small = new float[outer * outer];
        for (int i = 0; i < outer; i++) {
            for (int j = 0; j < outer; j++) {
                small[i * outer + j] = magnitude * (transposed ? matrix.sign(j, i) : matrix.sign(i, j));
            }
        }
        return new FastHadamard(transform.inner(), outer, small);
    }

    /** Transforms size · WIDTH floats in place. */
    void transform(float[] data) {
        for (int a = 0; a < outer; a++) {
            butterflies(data, a * inner * WIDTH);
        }
        float[] column = new float[outer * Lanes.FLOATS.length()];
        for (int i = 0; i < inner * WIDTH; i += Lanes.FLOATS.length()) {
            combine(data, i, column);
        }
    }

    /** Sylvester's transform of {@code inner} elements of every vector, unnormalized; two levels at a time. */
    private void butterflies(float[] data, int start) {
        int half = 1;
        if (Integer.numberOfTrailingZeros(inner) % 2 == 1) {
            for (int i = 0; i < inner; i += 2) {
                butterfly(data, start + i * WIDTH, WIDTH);
            }
            half = 2;
        }
        for (; half < inner; half *= 4) {
            for (int i = 0; i < inner; i += 4 * half) {
                doubleButterfly(data, start + i * WIDTH, half * WIDTH);
            }
        }
    }

    private static void butterfly(float[] data, int start, int length) {
        for (int i = start; i < start + length; i += Lanes.FLOATS.length()) {
            FloatVector a = FloatVector.fromArray(Lanes.FLOATS, data, i);
            FloatVector b = FloatVector.fromArray(Lanes.FLOATS, data, i + length);
            a.add(b).intoArray(data, i);
            a.sub(b).intoArray(data, i + length);
        }
    }

    private static void doubleButterfly(float[] data, int start, int length) {
        for (int i = start; i < start + length; i += Lanes.FLOATS.length()) {
            FloatVector a = FloatVector.fromArray(Lanes.FLOATS, data, i);
            FloatVector b = FloatVector.fromArray(Lanes.FLOATS, data, i + length);
            FloatVector c = FloatVector.fromArray(Lanes.FLOATS, data, i + 2 * length);
            FloatVector d = FloatVector.fromArray(Lanes.FLOATS, data, i + 3 * length);
            FloatVector ab = a.add(b);
            FloatVector cd = c.add(d);
            ab.add(cd).intoArray(data, i);
            ab.sub(cd).intoArray(data, i + 2 * length);
            FloatVector difference = a.sub(b);
            FloatVector other = c.sub(d);
            difference.add(other).intoArray(data, i + length);
            difference.sub(other).intoArray(data, i + 3 * length);
        }
    }

    /** One vector of lanes of every block becomes its sums with the rows of the small matrix. */
    private void combine(float[] data, int offset, float[] column) {
        int lanes = Lanes.FLOATS.length();
        int block = inner * WIDTH;
        for (int a = 0; a < outer; a++) {
            FloatVector.fromArray(Lanes.FLOATS, data, offset + a * block).intoArray(column, a * lanes);
        }
        for (int a = 0; a < outer; a++) {
            FloatVector sum = FloatVector.zero(Lanes.FLOATS);
            for (int b = 0; b < outer; b++) {
                FloatVector factor = FloatVector.broadcast(Lanes.FLOATS, small[a * outer + b]);
                sum = FloatVector.fromArray(Lanes.FLOATS, column, b * lanes).fma(factor, sum);
            }
            sum.intoArray(data, offset + a * block);
        }
    }
}
