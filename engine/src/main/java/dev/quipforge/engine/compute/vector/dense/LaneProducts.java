package dev.quipforge.engine.compute.vector.dense;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.host.SymmetricEigenvectors;
import dev.quipforge.engine.compute.vector.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** Products on the Vector API, for platforms that OpenBLAS does not come with. */
final class LaneProducts implements Products {

    @Override
    public String description() {
        return "products on the Vector API";
    }

    @Override
    public void multiply(float alpha, Operand a, Operand b, HostMatrix c, Result result) {
        for (int row = 0; row < c.rows(); row++) {
            MemorySegment target = c.row(row);
            if (result == Result.REPLACED) {
                target.fill((byte) 0);
            }
            switch (b.form()) {
                case PLAIN -> addRow(alpha, a, row, b.matrix(), target);
                case TRANSPOSED -> addDots(alpha, a, row, b.matrix(), target);
            }
        }
    }

    @Override
    public void eigenvectors(HostMatrix symmetric) {
        SymmetricEigenvectors.replace(symmetric);
    }

    /** target += alpha · (row of a) · b, one row of b after the other. */
    private static void addRow(float alpha, Operand a, int row, HostMatrix b, MemorySegment target) {
        for (int k = 0; k < b.rows(); k++) {
            addScaled(alpha * element(a, row, k), b.row(k), target, b.columns());
        }
    }

    /** target[j] += alpha · (row of a) · (row j of b). */
    private static void addDots(float alpha, Operand a, int row, HostMatrix b, MemorySegment target) {
        if (a.form() != Form.PLAIN) {
            throw new IllegalArgumentException("product of two transposed matrices (expected: at most one)");
        }
        MemorySegment left = a.matrix().row(row);
        for (int j = 0; j < b.rows(); j++) {
            float sum = target.getAtIndex(JAVA_FLOAT, j) + alpha * dot(left, b.row(j), b.columns());
            target.setAtIndex(JAVA_FLOAT, j, sum);
        }
    }

    private static float element(Operand operand, int row, int column) {
        return switch (operand.form()) {
            case PLAIN -> operand.matrix().get(row, column);
            case TRANSPOSED -> operand.matrix().get(column, row);
        };
    }

    private static void addScaled(float factor, MemorySegment source, MemorySegment target, int length) {
        FloatVector factors = FloatVector.broadcast(Lanes.FLOATS, factor);
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            Lanes.store(Lanes.load(source, i).fma(factors, Lanes.load(target, i)), target, i);
        }
        for (; i < length; i++) {
            float sum = Math.fma(source.getAtIndex(JAVA_FLOAT, i), factor, target.getAtIndex(JAVA_FLOAT, i));
            target.setAtIndex(JAVA_FLOAT, i, sum);
        }
    }

    private static float dot(MemorySegment a, MemorySegment b, int length) {
        FloatVector lanes = FloatVector.zero(Lanes.FLOATS);
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            lanes = Lanes.load(a, i).fma(Lanes.load(b, i), lanes);
        }
        float sum = Lanes.sum(lanes);
        for (; i < length; i++) {
            sum = Math.fma(a.getAtIndex(JAVA_FLOAT, i), b.getAtIndex(JAVA_FLOAT, i), sum);
        }
        return sum;
    }
}
