package dev.quipforge.engine.compute.vector.attention;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.RotaryGeometry;
import dev.quipforge.engine.compute.vector.lanes.Lanes;
import dev.quipforge.engine.compute.vector.lanes.Workers;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/** Rotary position embedding: in every head pairs of columns turn by an angle of their position. */
public final class Rotation {

    /** Which way pairs turn. */
    public enum Direction {
        /** As the forward form turns queries and keys. */
        FORWARD,
        /** As their gradients turn. */
        BACK
    }

    /** Neighbours change places. */
    private static final VectorShuffle<Float> SWAP = VectorShuffle.fromOp(Lanes.FLOATS, lane -> lane ^ 1);

    private final RotaryGeometry geometry;
    private final int window;

    /** For every position as many as columns turn in a head of neighbours, half as many in one of halves. */
    private final float[] cosines;

    /** What a column takes of its partner; of halves that of the upper ones, of which the lower ones take the negative. */
    private final float[] sines;

    /**
     * Turns by position · frequency.
     *
     * @param geometry which columns turn
     * @param frequencies inverse frequencies, one for each pair of a head
     * @param direction which way
     * @param positions of the rows of a window
     */
    public Rotation(RotaryGeometry geometry, HostMatrix frequencies, Direction direction, int[] positions) {
        int pairs = frequencies.columns();
        this.geometry = geometry;
        this.window = positions.length;
        this.cosines = new float[window * angles()];
        this.sines = new float[window * angles()];
        double amplitude = geometry.amplitude();
        for (int i = 0; i < window * pairs; i++) {
            double angle = (double) positions[i / pairs] * frequencies.get(0, i % pairs);
            float cosine = (float) (amplitude * Math.cos(angle));
            float sine = (float) (amplitude * (direction == Direction.FORWARD ? Math.sin(angle) : -Math.sin(angle)));
            if (geometry.pairs() == RotaryGeometry.Pairs.HALVES) {
                cosines[i] = cosine;
                sines[i] = sine;
            } else {
                cosines[2 * i] = cosine;
                cosines[2 * i + 1] = cosine;
                sines[2 * i] = -sine;
                sines[2 * i + 1] = sine;
            }
        }
    }

    /** Angles of one position. */
    private int angles() {
        return geometry.pairs() == RotaryGeometry.Pairs.HALVES ? geometry.width() / 2 : geometry.width();
    }

    /** Turns all heads; windows follow each other. */
    public void run(Workers workers, HostMatrix heads) {
        workers.rows(heads.rows(), heads.columns(), (from, to) -> {
            for (int r = from; r < to; r++) {
                MemorySegment row = heads.row(r);
                int angles = r % window * angles();
                for (int first = geometry.first(); first < heads.columns(); first += geometry.headWidth()) {
                    if (geometry.pairs() == RotaryGeometry.Pairs.HALVES) {
                        turnHalves(row, first, angles);
                    } else {
                        turnNeighbours(row, first, angles);
                    }
                }
            }
        });
    }

    private void turnHalves(MemorySegment row, int first, int angles) {
        int half = geometry.width() / 2;
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

    private void turnNeighbours(MemorySegment row, int first, int angles) {
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(geometry.width()); i += Lanes.FLOATS.length()) {
            FloatVector own = Lanes.load(row, first + i);
            FloatVector cosine = FloatVector.fromArray(Lanes.FLOATS, cosines, angles + i);
            FloatVector sine = FloatVector.fromArray(Lanes.FLOATS, sines, angles + i);
            Lanes.store(own.mul(cosine).add(own.rearrange(SWAP).mul(sine)), row, first + i);
        }
        for (; i < geometry.width(); i += 2) {
            float low = row.getAtIndex(JAVA_FLOAT, first + i);
            float high = row.getAtIndex(JAVA_FLOAT, first + i + 1);
            row.setAtIndex(JAVA_FLOAT, first + i, low * cosines[angles + i] + high * sines[angles + i]);
            row.setAtIndex(JAVA_FLOAT, first + i + 1, high * cosines[angles + i] + low * sines[angles + i + 1]);
        }
    }
}
