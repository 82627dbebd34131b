package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.FeedForwardSpec.Experts;
import dev.quipforge.llm.architecture.FeedForwardSpec.Gated;
import dev.quipforge.llm.architecture.RouterSpec;
import dev.quipforge.llm.rows.MatrixRows;
import dev.quipforge.llm.transformer.Activations.Slot;
import dev.quipforge.llm.transformer.GatedForward.Inner;
import java.util.Arrays;

/**
 * A mixture of experts, expert by expert: the tokens of one are gathered, go through it a few thousand at a time, and are added
 * to the result with their weights.
 *
 * @param backend where to compute
 */
record ExpertsForward(ComputeBackend backend) {

    /**
     * Computes it.
     *
     * @param weights of the block
     * @param spec its experts
     * @param read what router and experts read, [tokens × hidden]; more tokens than {@code buffers} has unless that is kept
     * @param buffers activations
     * @param output receives the result, likewise
     * @param listener sees the inputs of the linears, and hears when an expert has seen all its tokens
     */
    void run(
            BlockWeights weights,
            Experts spec,
            Matrix read,
            Activations buffers,
            Matrix output,
            InputListener listener) {
        run(weights, (_, work) -> work.accept(weights), spec, new Tokens(read, buffers, output), listener);
    }

    /**
     * What a pass reads and writes.
     *
     * @param read what router and experts read, [tokens × hidden]; more tokens than {@code buffers} has unless that is kept
     * @param buffers activations
     * @param output receives the result, likewise
     */
    record Tokens(Matrix read, Activations buffers, Matrix output) {}

    /**
     * Computes it with experts whose weights are lent one after the other.
     *
     * @param weights of the block, those of the experts left out
     * @param lender has those
     * @param spec its experts
     * @param tokens what goes through
     * @param listener sees the inputs of the linears, and hears when an expert has seen all its tokens
     */
    void run(BlockWeights weights, ExpertWeights lender, Experts spec, Tokens tokens, InputListener listener) {
        Matrix read = tokens.read;
        Activations buffers = tokens.buffers;
        Matrix output = tokens.output;
        Routing routing = route(weights, spec.router(), read);
        if (buffers.isKept()) {
            buffers.keep(routing);
        }
        try {
            shared(weights, spec, read, buffers, output, listener);
            for (int expert = 0; expert < spec.experts().size(); expert++) {
                Gated gated = spec.experts().get(expert);
                int first = routing.from(expert);
                int end = routing.to(expert);
                if (first < end) {
                    Pass pass = new Pass(read, routing, first, end, buffers, output);
                    lender.lend(gated, own -> runInSteps(own, gated, pass, spec, listener));
                }
                gated.inputs().forEach(listener::complete);
            }
        } finally {
            if (!buffers.isKept()) {
                routing.close();
            }
        }
    }

    /** Slots {@code from} to {@code to} on their way through one expert. */
    private record Pass(Matrix read, Routing routing, int from, int to, Activations buffers, Matrix output) {}

    private void runInSteps(BlockWeights weights, Gated gated, Pass all, Experts spec, InputListener listener) {
        int step = all.buffers.isKept() ? Math.max(1, all.read.rows()) : all.buffers.capacity();
        for (int from = all.from; from < all.to; from += step) {
            int to = Math.min(all.to, from + step);
            run(weights, gated, new Pass(all.read, all.routing, from, to, all.buffers, all.output), spec, listener);
        }
    }

    private void run(BlockWeights weights, Gated gated, Pass pass, Experts spec, InputListener listener) {
        IntMatrix tokens = pass.routing.tokens(pass.from, pass.to);
        Buffers own = Buffers.of(pass.buffers, spec, pass.read, pass.from, pass.to);
        backend.transformer().embed(pass.read, tokens, own.in);
        new GatedForward(backend).run(weights, gated, own.in, own.inner, own.out, listener);
        backend.transformer().addRows(own.out, tokens, pass.routing.weights(pass.from, pass.to), pass.output);
    }

    /** Activations of some slots: of all of a pass that is kept, else of those at work. */
    record Buffers(Matrix in, Inner inner, Matrix out) {

        static Buffers of(Activations buffers, Experts spec, Matrix read, int from, int to) {
            int chosen = spec.router().choice().experts();
            int inner = spec.experts().getFirst().inner();
            int tokens = buffers.isKept() ? read.rows() : buffers.capacity();
            int perToken = buffers.isKept() ? chosen : 1;
            int first = buffers.isKept() ? from : 0;
            int end = first + to - from;
            Inner rows = new Inner(
                    buffers.of(Slot.EXPERT_GATE, tokens, perToken, inner),
                    buffers.of(Slot.EXPERT_UP, tokens, perToken, inner),
                    buffers.of(Slot.EXPERT_GATED, tokens, perToken, inner));
            return new Buffers(
                    buffers.of(Slot.EXPERT_IN, tokens, perToken, read.columns()).rows(first, end),
                    rows.rows(first, end),
                    buffers.of(Slot.EXPERT_OUT, tokens, perToken, read.columns())
                            .rows(first, end));
        }
    }

    /** The expert that all tokens go to writes the result; without one it begins at zero. */
    private void shared(
            BlockWeights weights,
            Experts spec,
            Matrix read,
            Activations buffers,
            Matrix output,
            InputListener listener) {
        if (spec.shared().isEmpty()) {
            backend.dense().scale(output, 0);
            return;
        }
        Gated gated = spec.shared().get();
        int step = Math.min(read.rows(), buffers.capacity());
        for (int from = 0; from < read.rows(); from += step) {
            int to = Math.min(read.rows(), from + step);
            Inner inner = inner(buffers, to - from, gated.inner());
            new GatedForward(backend).run(weights, gated, read.rows(from, to), inner, output.rows(from, to), listener);
        }
        gated.inputs().forEach(listener::complete);
    }

    /** The buffers of a gated product that all tokens go through. */
    static Inner inner(Activations buffers, int tokens, int width) {
        return new Inner(
                buffers.of(Slot.GATE, tokens, width),
                buffers.of(Slot.UP, tokens, width),
                buffers.of(Slot.GATED, tokens, width));
    }

    private Routing route(BlockWeights weights, RouterSpec spec, Matrix read) {
        float[][] scores = scores(weights, spec, read);
        return new Routing(backend, router(weights, spec).choose(scores), spec.experts());
    }

    /** The router with its correction. */
    Router router(BlockWeights weights, RouterSpec spec) {
        float[] correction = spec.correction()
                .map(tensor -> new MatrixRows(backend, weights.of(tensor)).values())
                .orElseGet(() -> new float[spec.experts()]);
        return new Router(spec, correction);
    }

    /** The scores of every token, [tokens][experts]. */
    float[][] scores(BlockWeights weights, RouterSpec spec, Matrix read) {
        try (Workspace workspace = backend.workspace()) {
            Matrix scores = workspace.matrix(read.rows(), spec.experts());
            if (weights.isServed()) {
                backend.decode().project(read, weights.of(spec.weight()), scores);
            } else {
                backend.dense().multiplyTransposed(read, weights.of(spec.weight()), scores);
            }
            spec.bias().ifPresent(bias -> backend.dense().addRow(scores, weights.of(bias)));
            return rows(scores);
        }
    }

    private float[][] rows(Matrix matrix) {
        float[] all = new MatrixRows(backend, matrix).values();
        int width = matrix.columns();
        float[][] rows = new float[matrix.rows()][];
        Arrays.setAll(rows, i -> Arrays.copyOfRange(all, i * width, (i + 1) * width));
        return rows;
    }
}
