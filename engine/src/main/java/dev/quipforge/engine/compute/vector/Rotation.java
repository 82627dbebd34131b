package dev.quipforge.engine.compute.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.HostMatrix;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** Rotary position embedding: in every head the pair (x[i], x[i + half]) turns by an angle of its position. */
final class Rotation {

    /** Which way pairs turn. */
    enum Direction {
        FORWARD,
        BACK
    }

    private final int half;
    private final int window;
    private final float[] cosines;
    private final float[] sines;

    /**
     * Turns by position · frequency.
     *
     * @param frequencies inverse frequencies, one for each pair of a head
     * @param direction which way
     * @param window tokens of one window
     * @param firstPosition position of the first row of every window
     */
    Rotation(HostMatrix frequencies, Direction direction, int window, int firstPosition) {
        this.half = frequencies.columns();
        this.window = window;
        this.cosines = new float[window * half];
        this.sines = new float[window * half];
        for (int i = 0; i < cosines.length; i++) {
            double angle = (double) (firstPosition + i / half) * frequencies.get(0, i % half);
            cosines[i] = (float) Math.cos(angle);
            sines[i] = (float) (direction == Direction.FORWARD ? Math.sin(angle) : -Math.sin(angle));
        }
    }

    /** Turns all heads; windows follow each other. */
    void run(Workers workers, HostMatrix heads) {
        workers.rows(heads.rows(), heads.columns(), (from, to) -> {
            for (int r = from; r < to; r++) {
                MemorySegment row = heads.row(r);
                for (int first = 0; first < heads.columns(); first += 2 * half) {
                    turn(row, first, r % window * half);
                }
            }
        });
    }

    private void turn(MemorySegment row, int first, int angles) {
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(half); i += Lanes.FLOATS.length()) {
            FloatVector low = Lanes.load(row, first + i);
            FloatVector high = Lanes.load(row, first + half + i);
            FloatVector cosine = FloatVector.fromArray(Lanes.FLOATS, cosines, angles + i);
            FloatVector sine = FloatVector.fromArray(Lanes.FLOATS, sines, angles + i);
            Lanes.store(low.mul(cosine).sub(high.mul(sine)), row, first + i);
            Lanes.store(high.mul(cosine).add(low.mul(sine)), row, first + half + i);
        }
        for (; i < half; i++) {
            float low = row.getAtIndex(JAVA_FLOAT, first + i);
            float high = row.getAtIndex(JAVA_FLOAT, first + half + i);
            float cosine = cosines[angles + i];
            float sine = sines[angles + i];
            row.setAtIndex(JAVA_FLOAT, first + i, low * cosine - high * sine);
            row.setAtIndex(JAVA_FLOAT, first + half + i, high * cosine + low * sine);
        }
    }
}
