package dev.quipforge.engine.compute.vector.transformer;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.AdamStep;
import dev.quipforge.engine.compute.vector.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * One step of Adam on some rows, one after the other, in arrays that stay in the nearest cache. Over the segments themselves
 * HotSpot does not settle: where some segments of the process are confined to a thread and these are not, it speculates
 * that they are, fails and compiles the loop again, up to a hundred times.
 */
final class AdamKernel {

    private static final int CHUNK = 1024;

    private final AdamStep step;
    private final float rate;
    private final float squareCorrection;
    private final float[] values;
    private final float[] slopes;
    private final float[] means;
    private final float[] squares;

    /** For rows of {@code length} elements. */
    AdamKernel(AdamStep step, int length) {
        this.step = step;
        this.rate = (float) (step.rate() * step.meanCorrection());
        this.squareCorrection = (float) step.squareCorrection();
        // what is behind the last element is computed with the rest and dropped
        int whole = Lanes.FLOATS.loopBound(Math.min(length, CHUNK) + Lanes.FLOATS.length() - 1);
        this.values = new float[whole];
        this.slopes = new float[whole];
        this.means = new float[whole];
        this.squares = new float[whole];
    }

    void row(MemorySegment parameter, MemorySegment gradient, MemorySegment mean, MemorySegment square, int length) {
        for (int from = 0; from < length; from += CHUNK) {
            int count = Math.min(CHUNK, length - from);
            long offset = (long) from * Float.BYTES;
            MemorySegment.copy(parameter, JAVA_FLOAT, offset, values, 0, count);
            MemorySegment.copy(gradient, JAVA_FLOAT, offset, slopes, 0, count);
            MemorySegment.copy(mean, JAVA_FLOAT, offset, means, 0, count);
            MemorySegment.copy(square, JAVA_FLOAT, offset, squares, 0, count);
            update();
            MemorySegment.copy(values, 0, parameter, JAVA_FLOAT, offset, count);
            MemorySegment.copy(means, 0, mean, JAVA_FLOAT, offset, count);
            MemorySegment.copy(squares, 0, square, JAVA_FLOAT, offset, count);
        }
        gradient.fill((byte) 0);
    }

    private void update() {
        float beta1 = step.beta1();
        float beta2 = step.beta2();
        for (int i = 0; i < values.length; i += Lanes.FLOATS.length()) {
            FloatVector slope = FloatVector.fromArray(Lanes.FLOATS, slopes, i);
            FloatVector mean = FloatVector.fromArray(Lanes.FLOATS, means, i).mul(beta1);
            FloatVector square = FloatVector.fromArray(Lanes.FLOATS, squares, i).mul(beta2);
            FloatVector first = mean.add(slope.mul(1 - beta1));
            FloatVector second = square.add(slope.mul(slope).mul(1 - beta2));
            FloatVector root = second.mul(squareCorrection).sqrt().add(step.epsilon());
            FloatVector value = FloatVector.fromArray(Lanes.FLOATS, values, i);
            value.sub(first.mul(rate).div(root)).intoArray(values, i);
            first.intoArray(means, i);
            second.intoArray(squares, i);
        }
    }
}
