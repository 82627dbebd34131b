package dev.quipforge.engine.compute.vector.decode;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.vector.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** Inner products of rows with rows, each in one fixed order. */
final class RowProducts {

    private RowProducts() {}

    /**
     * Columns {@code from} to {@code to} of y = x · wᵀ. A row of w is read once for all rows of x.
     *
     * @param x [t × k]
     * @param w [n × k]
     * @param y [t × n]
     */
    static void multiply(HostMatrix x, HostMatrix w, HostMatrix y, int from, int to) {
        for (int j = from; j < to; j++) {
            MemorySegment row = w.row(j);
            for (int i = 0; i < x.rows(); i++) {
                y.set(i, j, dot(x.row(i), 0, row, 0, x.columns()));
            }
        }
    }

    /**
     * The inner product of two rows.
     *
     * @param firstOfA index of the first element of {@code a}
     * @param firstOfB index of the first element of {@code b}
     * @param length number of elements
     */
    static float dot(MemorySegment a, int firstOfA, MemorySegment b, int firstOfB, int length) {
        int lanes = Lanes.FLOATS.length();
        FloatVector first = FloatVector.zero(Lanes.FLOATS);
        FloatVector second = first;
        FloatVector third = first;
        FloatVector fourth = first;
        int i = 0;
        for (; i + 4 * lanes <= length; i += 4 * lanes) {
            first = Lanes.load(a, firstOfA + i).fma(Lanes.load(b, firstOfB + i), first);
            second = Lanes.load(a, firstOfA + i + lanes).fma(Lanes.load(b, firstOfB + i + lanes), second);
            third = Lanes.load(a, firstOfA + i + 2 * lanes).fma(Lanes.load(b, firstOfB + i + 2 * lanes), third);
            fourth = Lanes.load(a, firstOfA + i + 3 * lanes).fma(Lanes.load(b, firstOfB + i + 3 * lanes), fourth);
        }
        for (; i + lanes <= length; i += lanes) {
            first = Lanes.load(a, firstOfA + i).fma(Lanes.load(b, firstOfB + i), first);
        }
        float sum = Lanes.sum(first.add(second).add(third.add(fourth)));
        for (; i < length; i++) {
            sum = Math.fma(a.getAtIndex(JAVA_FLOAT, firstOfA + i), b.getAtIndex(JAVA_FLOAT, firstOfB + i), sum);
        }
        return sum;
    }
}
