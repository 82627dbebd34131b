package dev.quipforge.llm.quantization;

import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.quantization.IncoherenceReport.Mu;

/** One linear in a stack of transformed weights. */
final class Part {

    private final LinearSpec linear;
    private final int first;
    private final int end;
    private final float[] outputScales;
    private final Mu mu;

    /**
     * @param linear which
     * @param first its first row in the stack
     * @param end row after its last, padding included
     * @param outputScales SV with the scale folded in, one an output
     * @param mu incoherence of its weights
     */
    Part(LinearSpec linear, int first, int end, float[] outputScales, Mu mu) {
        this.linear = linear;
        this.first = first;
        this.end = end;
        this.outputScales = outputScales;
        this.mu = mu;
    }

    LinearSpec linear() {
        return linear;
    }

    int first() {
        return first;
    }

    int end() {
        return end;
    }

    float[] outputScales() {
        return outputScales;
    }

    Mu mu() {
        return mu;
    }
}
