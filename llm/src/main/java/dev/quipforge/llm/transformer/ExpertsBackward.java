package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.FeedForwardSpec.Experts;
import dev.quipforge.llm.architecture.FeedForwardSpec.Gated;
import dev.quipforge.llm.architecture.RouterSpec;
import dev.quipforge.llm.transformer.Activations.Slot;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;

/**
 * The backward pass of {@link ExpertsForward}: through the experts, and through their weights to the scores of the router. Which
 * experts are chosen is taken as given; the router itself is not trained.
 *
 * @param layers of the block
 */
record ExpertsBackward(LayersBackward layers) {

    /**
     * Takes a gradient back.
     *
     * @param spec the experts
     * @param read what they read; becomes the gradient there
     * @param tape as the forward pass left it; overwritten
     * @param gradient with respect to the result; left as it is
     */
    void run(Experts spec, Matrix read, Activations tape, Matrix gradient) {
        ComputeBackend backend = layers.backend();
        Routing routing = tape.routing();
        int chosen = spec.router().choice().experts();
        try (Workspace temporary = backend.workspace()) {
            Matrix ofSlots = tape.of(Slot.EXPERT_GRADIENT, read.rows(), chosen, read.columns());
            backend.transformer().embed(gradient, routing.tokens(0, routing.slots()), ofSlots);
            Matrix ofScores = scores(temporary, spec, read, tape, ofSlots);
            backend.dense().scaleRows(ofSlots, routing.weights(0, routing.slots()));
            Matrix ofShared = shared(spec, read, tape, gradient);
            experts(spec, read, tape, ofSlots);
            BlockWeights weights = layers.weights();
            backend.gradient()
                    .project(List.of(ofScores), List.of(weights.of(spec.router().weight())), read);
            spec.shared().ifPresent(_ -> backend.dense().add(1, ofShared, read));
            gather(temporary, spec, read, tape);
        }
    }

    /** The gradient with respect to the router's scores, [tokens × experts]. */
    private Matrix scores(Workspace workspace, Experts spec, Matrix read, Activations tape, Matrix ofSlots) {
        ComputeBackend backend = layers.backend();
        RouterSpec router = spec.router();
        Routing routing = tape.routing();
        ExpertsForward forward = new ExpertsForward(backend);
        Router chooser = forward.router(layers.weights(), router);
        float[][] scores = forward.scores(layers.weights(), router, read);
        Matrix out = tape.of(Slot.EXPERT_OUT, read.rows(), router.choice().experts(), read.columns());
        Matrix products = workspace.matrix(1, routing.slots());
        backend.gradient().rowProducts(out, ofSlots, products);
        float[][] ofWeights = routing.byToken(backend, products);
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix host = HostMatrix.allocate(arena, read.rows(), router.experts());
            for (int token = 0; token < scores.length; token++) {
                float[] row = chooser.back(scores[token], routing.choices().experts(token), ofWeights[token]);
                for (int expert = 0; expert < row.length; expert++) {
                    host.set(token, expert, row[expert]);
                }
            }
            return workspace.copyOf(host);
        }
    }

    private Matrix shared(Experts spec, Matrix read, Activations tape, Matrix gradient) {
        Matrix target = tape.of(Slot.READ_GRADIENT, read.rows(), read.columns());
        spec.shared()
                .ifPresent(gated -> new GatedBackward(layers)
                        .run(gated, read, ExpertsForward.inner(tape, read.rows(), gated.inner()), gradient, target));
        return target;
    }

    /** What the experts read becomes the gradient there. */
    private void experts(Experts spec, Matrix read, Activations tape, Matrix ofSlots) {
        Routing routing = tape.routing();
        for (int expert = 0; expert < spec.experts().size(); expert++) {
            int from = routing.from(expert);
            int to = routing.to(expert);
            if (from < to) {
                Gated gated = spec.experts().get(expert);
                ExpertsForward.Buffers buffers = ExpertsForward.Buffers.of(tape, spec, read, from, to);
                new GatedBackward(layers)
                        .run(gated, buffers.in(), buffers.inner(), ofSlots.rows(from, to), buffers.in());
            }
        }
    }

    /** Adds what came back through the experts. */
    private void gather(Workspace workspace, Experts spec, Matrix read, Activations tape) {
        Routing routing = tape.routing();
        float[] ones = new float[routing.slots()];
        Arrays.fill(ones, 1);
        Matrix factors = workspace.rowOf(ones);
        for (int expert = 0; expert < spec.experts().size(); expert++) {
            int from = routing.from(expert);
            int to = routing.to(expert);
            if (from < to) {
                IntMatrix tokens = routing.tokens(from, to);
                Matrix in =
                        ExpertsForward.Buffers.of(tape, spec, read, from, to).in();
                layers.backend().transformer().addRows(in, tokens, factors.columns(from, to), read);
            }
        }
    }
}
