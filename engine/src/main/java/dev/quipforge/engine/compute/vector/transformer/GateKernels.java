package dev.quipforge.engine.compute.vector.transformer;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.GatedActivation;
import dev.quipforge.engine.compute.vector.lanes.Exponentials;
import dev.quipforge.engine.compute.vector.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** gate = activation(gate) ∘ up over one row: whole lanes, then the tail. */
final class GateKernels {

    private GateKernels() {}

    static void gate(GatedActivation activation, MemorySegment gate, MemorySegment up, int length) {
        switch (activation) {
            case SILU -> silu(gate, up, length);
            case GELU_TANH -> geluTanh(gate, up, length);
            case GELU -> gelu(gate, up, length);
            case CLAMPED_SWISH -> clampedSwish(gate, up, length);
        }
    }

    private static void silu(MemorySegment gate, MemorySegment up, int length) {
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            FloatVector x = Lanes.load(gate, i);
            FloatVector silu = x.div(Exponentials.exp(x.neg()).add(1));
            Lanes.store(silu.mul(Lanes.load(up, i)), gate, i);
        }
        for (; i < length; i++) {
            float x = gate.getAtIndex(JAVA_FLOAT, i);
            float silu = x / (Exponentials.exp(-x) + 1);
            gate.setAtIndex(JAVA_FLOAT, i, silu * up.getAtIndex(JAVA_FLOAT, i));
        }
    }

    private static void geluTanh(MemorySegment gate, MemorySegment up, int length) {
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            Lanes.store(geluTanh(Lanes.load(gate, i)).mul(Lanes.load(up, i)), gate, i);
        }
        if (i < length) {
            VectorMask<Float> rest = Lanes.rest(i, length);
            FloatVector value = geluTanh(Lanes.load(gate, i, rest));
            Lanes.store(value.mul(Lanes.load(up, i, rest)), gate, i, rest);
        }
    }

    private static FloatVector geluTanh(FloatVector x) {
        return x.mul(GateLanes.geluSigmoid(GateLanes.bounded(x)));
    }

    private static void gelu(MemorySegment gate, MemorySegment up, int length) {
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            Lanes.store(gelu(Lanes.load(gate, i)).mul(Lanes.load(up, i)), gate, i);
        }
        if (i < length) {
            VectorMask<Float> rest = Lanes.rest(i, length);
            FloatVector value = gelu(Lanes.load(gate, i, rest));
            Lanes.store(value.mul(Lanes.load(up, i, rest)), gate, i, rest);
        }
    }

    private static FloatVector gelu(FloatVector x) {
        return x.mul(GateLanes.normal(x, GateLanes.bell(x)));
    }

    private static void clampedSwish(MemorySegment gate, MemorySegment up, int length) {
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            Lanes.store(clampedSwish(Lanes.load(gate, i), Lanes.load(up, i)), gate, i);
        }
        if (i < length) {
            VectorMask<Float> rest = Lanes.rest(i, length);
            FloatVector value = clampedSwish(Lanes.load(gate, i, rest), Lanes.load(up, i, rest));
            Lanes.store(value, gate, i, rest);
        }
    }

    private static FloatVector clampedSwish(FloatVector gate, FloatVector up) {
        FloatVector x = GateLanes.atMostLimit(gate);
        return x.mul(GateLanes.steepSigmoid(x)).mul(GateLanes.withinLimit(up).add(1));
    }
}
