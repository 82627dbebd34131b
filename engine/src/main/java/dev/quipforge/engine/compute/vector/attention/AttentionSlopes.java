package dev.quipforge.engine.compute.vector.attention;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.vector.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** The gradients of the scores of one query: whole lanes, then the tail. */
final class AttentionSlopes {

    private AttentionSlopes() {}

    /** p = p · factor; ds = scale · p · (ds − along). */
    static void weigh(MemorySegment p, MemorySegment ds, int length, float factor, float along, float scale) {
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            FloatVector weight = Lanes.load(p, i).mul(factor);
            FloatVector gradient = Lanes.load(ds, i).sub(along).mul(weight).mul(scale);
            Lanes.store(weight, p, i);
            Lanes.store(gradient, ds, i);
        }
        for (; i < length; i++) {
            float weight = p.getAtIndex(JAVA_FLOAT, i) * factor;
            float gradient = (ds.getAtIndex(JAVA_FLOAT, i) - along) * weight * scale;
            p.setAtIndex(JAVA_FLOAT, i, weight);
            ds.setAtIndex(JAVA_FLOAT, i, gradient);
        }
    }

    /** ds = (ds − along) · (1 − (score / cap)²), of capped scores. */
    static void cap(MemorySegment scores, MemorySegment ds, int length, float along, float cap) {
        FloatVector one = FloatVector.broadcast(Lanes.FLOATS, 1);
        float inverse = 1 / cap;
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            FloatVector tanh = Lanes.load(scores, i).mul(inverse);
            FloatVector slope = one.sub(tanh.mul(tanh));
            Lanes.store(Lanes.load(ds, i).sub(along).mul(slope), ds, i);
        }
        for (; i < length; i++) {
            float tanh = scores.getAtIndex(JAVA_FLOAT, i) * inverse;
            ds.setAtIndex(JAVA_FLOAT, i, (ds.getAtIndex(JAVA_FLOAT, i) - along) * (1 - tanh * tanh));
        }
    }
}
