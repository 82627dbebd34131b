package dev.quipforge.engine.compute.vector.transformer;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.GatedActivation;
import dev.quipforge.engine.compute.vector.lanes.Exponentials;
import dev.quipforge.engine.compute.vector.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The gradient of a gate over one row: whole lanes, then the tail. Every element is read before it is written, so that
 * results may stand where operands did.
 */
record GateGradient(
        MemorySegment gate,
        MemorySegment up,
        MemorySegment gradient,
        MemorySegment gateGradient,
        MemorySegment upGradient,
        int length) {

    void run(GatedActivation activation) {
        switch (activation) {
            case SILU -> silu();
            case GELU_TANH -> geluTanh();
            case GELU -> gelu();
            case CLAMPED_SWISH -> clampedSwish();
        }
    }

    /** d gate = dy · up · s (1 + gate (1 − s)), d up = dy · gate · s, with s = 1 / (1 + e^−gate). */
    private void silu() {
        FloatVector one = FloatVector.broadcast(Lanes.FLOATS, 1);
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            FloatVector x = Lanes.load(gate, i);
            FloatVector sigmoid = one.div(Exponentials.exp(x.neg()).add(one));
            FloatVector scaled = Lanes.load(gradient, i).mul(sigmoid);
            FloatVector slope = x.fma(one.sub(sigmoid), one);
            FloatVector gateResult = scaled.mul(Lanes.load(up, i)).mul(slope);
            Lanes.store(scaled.mul(x), upGradient, i);
            Lanes.store(gateResult, gateGradient, i);
        }
        for (; i < length; i++) {
            float x = gate.getAtIndex(JAVA_FLOAT, i);
            float sigmoid = 1 / (Exponentials.exp(-x) + 1);
            float scaled = gradient.getAtIndex(JAVA_FLOAT, i) * sigmoid;
            float slope = Math.fma(x, 1 - sigmoid, 1);
            float gateResult = scaled * up.getAtIndex(JAVA_FLOAT, i) * slope;
            upGradient.setAtIndex(JAVA_FLOAT, i, scaled * x);
            gateGradient.setAtIndex(JAVA_FLOAT, i, gateResult);
        }
    }

    private void geluTanh() {
        for (int i = 0; i < length; i += Lanes.FLOATS.length()) {
            VectorMask<Float> here = Lanes.rest(i, length);
            FloatVector x = Lanes.load(gate, i, here);
            FloatVector sigmoid = GateLanes.geluSigmoid(GateLanes.bounded(x));
            write(i, here, GateLanes.geluTanhSlope(x, sigmoid), x.mul(sigmoid));
        }
    }

    private void gelu() {
        for (int i = 0; i < length; i += Lanes.FLOATS.length()) {
            VectorMask<Float> here = Lanes.rest(i, length);
            FloatVector x = Lanes.load(gate, i, here);
            FloatVector bell = GateLanes.bell(x);
            FloatVector normal = GateLanes.normal(x, bell);
            write(i, here, GateLanes.geluSlope(x, normal, bell), x.mul(normal));
        }
    }

    /** d gate = dy · up · slope, d up = dy · value. */
    private void write(int at, VectorMask<Float> here, FloatVector slope, FloatVector value) {
        FloatVector dy = Lanes.load(gradient, at, here);
        FloatVector gateResult = dy.mul(Lanes.load(up, at, here)).mul(slope);
        Lanes.store(dy.mul(value), upGradient, at, here);
        Lanes.store(gateResult, gateGradient, at, here);
    }

    private void clampedSwish() {
        for (int i = 0; i < length; i += Lanes.FLOATS.length()) {
            VectorMask<Float> here = Lanes.rest(i, length);
            FloatVector x = Lanes.load(gate, i, here);
            FloatVector u = Lanes.load(up, i, here);
            FloatVector dy = Lanes.load(gradient, i, here);
            FloatVector sigmoid = GateLanes.steepSigmoid(GateLanes.atMostLimit(x));
            FloatVector slope = GateLanes.clampedSlope(x, sigmoid);
            FloatVector value = GateLanes.atMostLimit(x).mul(sigmoid);
            Lanes.store(GateLanes.whereWithinLimit(dy.mul(value), u), upGradient, i, here);
            Lanes.store(dy.mul(GateLanes.withinLimit(u).add(1)).mul(slope), gateGradient, i, here);
        }
    }
}
