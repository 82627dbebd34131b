package dev.quipforge.engine.compute.vector;

import dev.quipforge.engine.compute.vector.lanes.Lanes;
import dev.quipforge.engine.hadamard.Hadamard;
import dev.quipforge.engine.hadamard.SmallHadamard;
import java.util.List;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * One block of U or Uᵀ applied to several vectors at once, or to one; element i of vector k of {@code width} is at
 * i · width + k. Sylvester's factor by butterflies, the small factor by sums of whole blocks.
 */
final class FastHadamard {

    /** Vectors side by side: a multiple of the lanes of every machine. */
    static final int WIDTH = 16;

    private static final int LANES = Lanes.FLOATS.length();

    /** Rows of the small matrix that are applied together; a divisor of every order but 1. */
    private static final int TOGETHER = 4;

    /** The exchange of lanes at distance 2^level, and the sign of what stays in its lane. */
    private static final List<VectorShuffle<Float>> SWAPS = swaps();

    private static final float[] SIGNS = signs();

    private final int inner;
    private final int outer;
    private final int width;
    /** The small matrix times 1 / sqrt(n / b), row by row as it is applied. */
    private final float[] small;

    private FastHadamard(int inner, int outer, int width, float[] small) {
        this.inner = inner;
        this.outer = outer;
        this.width = width;
        this.small = small;
    }

    /** For {@link #WIDTH} vectors at once. */
    static FastHadamard ofMany(Hadamard transform, boolean transposed) {
        return of(transform, transposed, WIDTH);
    }

    /** For one vector at a time, where its elements fill the lanes. */
    static FastHadamard ofOne(Hadamard transform, boolean transposed) {
        return of(transform, transposed, 1);
    }

    /** Whether {@link #ofOne} can be. */
    static boolean fillsLanes(Hadamard transform) {
        return transform.inner() >= LANES;
    }

    private static FastHadamard of(Hadamard transform, boolean transposed, int width) {
        int outer = transform.outer();
        SmallHadamard matrix = SmallHadamard.of(outer);
        float magnitude = (float) (1 / Math.sqrt(transform.size()));
        float[] small = new float[outer * outer];
        for (int i = 0; i < outer; i++) {
            for (int j = 0; j < outer; j++) {
                small[i * outer + j] = magnitude * (transposed ? matrix.sign(j, i) : matrix.sign(i, j));
            }
        }
        return new FastHadamard(transform.inner(), outer, width, small);
    }

    private static List<VectorShuffle<Float>> swaps() {
        return IntStream.range(0, Integer.numberOfTrailingZeros(LANES))
                .mapToObj(level -> VectorShuffle.fromOp(Lanes.FLOATS, lane -> lane ^ (1 << level)))
                .toList();
    }

    private static float[] signs() {
        float[] signs = new float[SWAPS.size() * LANES];
        for (int i = 0; i < signs.length; i++) {
            signs[i] = ((i % LANES >>> (i / LANES)) & 1) == 0 ? 1 : -1;
        }
        return signs;
    }

    /** Transforms size · width floats in place. */
    void transform(float[] data) {
        for (int a = 0; a < outer; a++) {
            butterflies(data, a * inner * width);
        }
        if (outer == 1) {
            scale(data, small[0]);
            return;
        }
        float[] column = new float[outer * LANES];
        for (int i = 0; i < inner * width; i += LANES) {
            combine(data, i, column);
        }
    }

    /** Sylvester's transform of {@code inner} elements of every vector, unnormalized; two levels at a time. */
    private void butterflies(float[] data, int start) {
        int length = inner * width;
        int half = width;
        for (int level = 0; half < LANES; level++) {
            butterfliesOfLanes(data, start, length, level);
            half *= 2;
        }
        if (Integer.numberOfTrailingZeros(length / half) % 2 == 1) {
            for (int i = 0; i < length; i += 2 * half) {
                butterfly(data, start + i, half);
            }
            half *= 2;
        }
        for (; half < length; half *= 4) {
            for (int i = 0; i < length; i += 4 * half) {
                doubleButterfly(data, start + i, half);
            }
        }
    }

    /** The butterflies between lanes of the same vector. */
    private static void butterfliesOfLanes(float[] data, int start, int length, int level) {
        VectorShuffle<Float> swap = SWAPS.get(level);
        FloatVector signs = FloatVector.fromArray(Lanes.FLOATS, SIGNS, level * LANES);
        for (int i = start; i < start + length; i += LANES) {
            FloatVector a = FloatVector.fromArray(Lanes.FLOATS, data, i);
            a.fma(signs, a.rearrange(swap)).intoArray(data, i);
        }
    }

    private static void scale(float[] data, float factor) {
        for (int i = 0; i < data.length; i += LANES) {
            FloatVector.fromArray(Lanes.FLOATS, data, i).mul(factor).intoArray(data, i);
        }
    }

    private static void butterfly(float[] data, int start, int length) {
        for (int i = start; i < start + length; i += LANES) {
            FloatVector a = FloatVector.fromArray(Lanes.FLOATS, data, i);
            FloatVector b = FloatVector.fromArray(Lanes.FLOATS, data, i + length);
            a.add(b).intoArray(data, i);
            a.sub(b).intoArray(data, i + length);
        }
    }

    private static void doubleButterfly(float[] data, int start, int length) {
        for (int i = start; i < start + length; i += LANES) {
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
        int block = inner * width;
        for (int a = 0; a < outer; a++) {
            FloatVector.fromArray(Lanes.FLOATS, data, offset + a * block).intoArray(column, a * LANES);
        }
        for (int a = 0; a < outer; a += TOGETHER) {
            sums(small, a * outer, column, data, offset + a * block, block);
        }
    }

    /** The sums of all blocks with {@link #TOGETHER} rows of the small matrix: each alone would wait for its last one. */
    private static void sums(float[] small, int row, float[] column, float[] data, int at, int block) {
        int outer = column.length / LANES;
        FloatVector first = FloatVector.zero(Lanes.FLOATS);
        FloatVector second = first;
        FloatVector third = first;
        FloatVector fourth = first;
        for (int b = 0; b < outer; b++) {
            FloatVector element = FloatVector.fromArray(Lanes.FLOATS, column, b * LANES);
            first = element.fma(FloatVector.broadcast(Lanes.FLOATS, small[row + b]), first);
            second = element.fma(FloatVector.broadcast(Lanes.FLOATS, small[row + outer + b]), second);
            third = element.fma(FloatVector.broadcast(Lanes.FLOATS, small[row + 2 * outer + b]), third);
            fourth = element.fma(FloatVector.broadcast(Lanes.FLOATS, small[row + 3 * outer + b]), fourth);
        }
        first.intoArray(data, at);
        second.intoArray(data, at + block);
        third.intoArray(data, at + 2 * block);
        fourth.intoArray(data, at + 3 * block);
    }
}
