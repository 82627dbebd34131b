package dev.quipforge.engine.compute.vector.lanes;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Elementwise work on one row: whole lanes, then the tail. */
public final class RowKernels {

    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

    /** As many floats as there are doubles in the widest vector; on 128 bits that is two, half of a 128-bit vector. */
    private static final VectorSpecies<Float> HALF =
            VectorSpecies.of(float.class, VectorShape.forBitSize(Math.max(64, DOUBLES.vectorBitSize() / 2)));

    private RowKernels() {}

    /** target += alpha · source. */
    public static void addScaled(float alpha, MemorySegment source, MemorySegment target, int length) {
        FloatVector factors = FloatVector.broadcast(Lanes.FLOATS, alpha);
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            Lanes.store(Lanes.load(source, i).fma(factors, Lanes.load(target, i)), target, i);
        }
        for (; i < length; i++) {
            float sum = Math.fma(alpha, source.getAtIndex(JAVA_FLOAT, i), target.getAtIndex(JAVA_FLOAT, i));
            target.setAtIndex(JAVA_FLOAT, i, sum);
        }
    }

    /** row · factor. */
    public static void scale(MemorySegment row, float factor, int length) {
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            Lanes.store(Lanes.load(row, i).mul(factor), row, i);
        }
        for (; i < length; i++) {
            row.setAtIndex(JAVA_FLOAT, i, row.getAtIndex(JAVA_FLOAT, i) * factor);
        }
    }

    /** row ∘ factors. */
    public static void multiply(MemorySegment row, MemorySegment factors, int length) {
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            Lanes.store(Lanes.load(row, i).mul(Lanes.load(factors, i)), row, i);
        }
        for (; i < length; i++) {
            row.setAtIndex(JAVA_FLOAT, i, row.getAtIndex(JAVA_FLOAT, i) * factors.getAtIndex(JAVA_FLOAT, i));
        }
    }

    /** Σ a[i] · b[i] in double precision. */
    public static double innerProduct(MemorySegment a, MemorySegment b, int length) {
        DoubleVector lanes = DoubleVector.zero(DOUBLES);
        int i = 0;
        for (; i < DOUBLES.loopBound(length); i += DOUBLES.length()) {
            lanes = doubles(a, i).fma(doubles(b, i), lanes);
        }
        double sum = Lanes.sum(lanes);
        for (; i < length; i++) {
            sum += (double) a.getAtIndex(JAVA_FLOAT, i) * b.getAtIndex(JAVA_FLOAT, i);
        }
        return sum;
    }

    /** The sum of a row in double precision. */
    public static double sum(MemorySegment row, int length) {
        DoubleVector lanes = DoubleVector.zero(DOUBLES);
        int i = 0;
        for (; i < DOUBLES.loopBound(length); i += DOUBLES.length()) {
            lanes = lanes.add(doubles(row, i));
        }
        double sum = Lanes.sum(lanes);
        for (; i < length; i++) {
            sum += row.getAtIndex(JAVA_FLOAT, i);
        }
        return sum;
    }

    /** row + value. */
    public static void addConstant(MemorySegment row, float value, int length) {
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            Lanes.store(Lanes.load(row, i).add(value), row, i);
        }
        for (; i < length; i++) {
            row.setAtIndex(JAVA_FLOAT, i, row.getAtIndex(JAVA_FLOAT, i) + value);
        }
    }

    /** target[j] = source[indices[j]]. */
    public static void gather(MemorySegment source, int[] indices, MemorySegment target, int length) {
        for (int j = 0; j < length; j++) {
            target.setAtIndex(JAVA_FLOAT, j, source.getAtIndex(JAVA_FLOAT, indices[j]));
        }
    }

    /** sums += row². */
    public static void addSquares(MemorySegment row, double[] sums) {
        int i = 0;
        for (; i < DOUBLES.loopBound(sums.length); i += DOUBLES.length()) {
            DoubleVector values = doubles(row, i);
            values.fma(values, DoubleVector.fromArray(DOUBLES, sums, i)).intoArray(sums, i);
        }
        for (; i < sums.length; i++) {
            double value = row.getAtIndex(JAVA_FLOAT, i);
            sums[i] += value * value;
        }
    }

    /** The largest magnitude in a row. */
    public static float maxMagnitude(MemorySegment row, int length) {
        FloatVector lanes = FloatVector.zero(Lanes.FLOATS);
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            lanes = lanes.max(Lanes.load(row, i).abs());
        }
        float most = lanes.reduceLanes(VectorOperators.MAX);
        for (; i < length; i++) {
            most = Math.max(most, Math.abs(row.getAtIndex(JAVA_FLOAT, i)));
        }
        return most;
    }

    /** Whether no element is infinite or not a number: x · 0 is 0 for finite x only. */
    public static boolean allFinite(MemorySegment row, int length) {
        FloatVector zeros = FloatVector.zero(Lanes.FLOATS);
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            zeros = Lanes.load(row, i).mul(0).add(zeros);
        }
        float zero = Lanes.sum(zeros);
        for (; i < length; i++) {
            zero += row.getAtIndex(JAVA_FLOAT, i) * 0;
        }
        return zero == 0;
    }

    private static DoubleVector doubles(MemorySegment floats, long index) {
        FloatVector half = FloatVector.fromMemorySegment(HALF, floats, index * Float.BYTES, ByteOrder.nativeOrder());
        return (DoubleVector) half.convertShape(VectorOperators.F2D, DOUBLES, 0);
    }
}
