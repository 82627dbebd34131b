package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.RotaryGeometry;
import dev.quipforge.llm.architecture.AttentionSpec;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.architecture.NormSpec;
import dev.quipforge.llm.architecture.Projection;
import dev.quipforge.llm.architecture.Rotary;
import dev.quipforge.llm.transformer.Activations.Slot;
import java.util.List;
import java.util.Optional;

/** The backward pass of {@link AttentionForward} over windows. */
final class AttentionBackward {

    private final ComputeBackend backend;
    private final LayersBackward layers;
    private final RotaryTables tables;
    private final Activations tape;
    private final int windows;

    /**
     * @param layers of the block
     * @param tables frequencies of rotary embeddings
     * @param tape as the forward pass left it; overwritten
     * @param windows number of windows in it
     */
    AttentionBackward(LayersBackward layers, RotaryTables tables, Activations tape, int windows) {
        this.backend = layers.backend();
        this.layers = layers;
        this.tables = tables;
        this.tape = tape;
        this.windows = windows;
    }

    /**
     * Takes a gradient back.
     *
     * @param read what the attention read
     * @param gradient with respect to its result; left as it is
     * @param readGradient receives that with respect to {@code read}; may be that
     */
    void run(Matrix read, Matrix gradient, Matrix readGradient) {
        AttentionSpec spec = layers.weights().spec().attention();
        int tokens = read.rows();
        Matrix gathered = tape.of(Slot.GATHERED, tokens, spec.gatheredWidth());
        Matrix gatheredGradient = tape.of(Slot.GATHERED_GRADIENT, tokens, spec.gatheredWidth());
        layers.project(List.of(spec.output()), List.of(gradient), gathered, gatheredGradient);
        AttentionInputs inputs = new AttentionInputs(
                tape.of(Slot.QUERY, tokens, spec.queryWidth()),
                tape.of(Slot.KEY, tokens, spec.keyWidth()),
                tape.of(Slot.VALUE, tokens, spec.valueWidth()),
                spec.sinks().map(layers.weights()::of).orElse(null));
        AttentionInputs gradients = new AttentionInputs(
                tape.of(Slot.QUERY_GRADIENT, tokens, spec.queryWidth()),
                tape.of(Slot.KEY_GRADIENT, tokens, spec.keyWidth()),
                tape.of(Slot.VALUE_GRADIENT, tokens, spec.valueWidth()),
                spec.sinks()
                        .map(_ ->
                                tape.of(Slot.SINKS_GRADIENT, 1, spec.geometry().heads()))
                        .orElse(null));
        backend.gradient().causalAttention(spec.geometry(), inputs, gathered, windows, gatheredGradient, gradients);
        switch (spec.projection()) {
            case Projection.Direct direct -> direct(direct, gradients, read, readGradient);
            case Projection.Latent latent -> latent(latent, gradients, read, readGradient);
        }
    }

    private void direct(Projection.Direct direct, AttentionInputs gradients, Matrix read, Matrix readGradient) {
        layers.weights().spec().attention().rotary().ifPresent(rotary -> {
            rotateBack(rotary, rotary.geometry(), gradients.query());
            rotateBack(rotary, rotary.geometry(), gradients.key());
        });
        norm(direct.queryNorm(), Slot.UNNORMED_QUERY, gradients.query());
        norm(direct.keyNorm(), Slot.UNNORMED_KEY, gradients.key());
        layers.project(
                List.of(direct.query(), direct.key(), direct.value()),
                List.of(gradients.query(), gradients.key(), gradients.value()),
                read,
                readGradient);
    }

    private void norm(Optional<NormSpec> norm, Slot unnormed, Matrix gradient) {
        norm.ifPresent(
                spec -> layers.norm(spec, tape.of(unnormed, gradient.rows(), gradient.columns()), gradient, gradient));
    }

    private void latent(Projection.Latent latent, AttentionInputs gradients, Matrix read, Matrix readGradient) {
        int tokens = read.rows();
        int downWidth = latent.keyValueDown().shape().outputs();
        Matrix downGradient = tape.of(Slot.COMPRESSED_GRADIENT, tokens, downWidth);
        Matrix upGradient = tape.of(
                Slot.KEY_VALUE_GRADIENT, tokens, latent.keyValueUp().shape().outputs());
        collect(gradients, downGradient, upGradient);
        NormSpec norm = latent.keyValueNorm();
        Matrix normed = tape.of(Slot.COMPRESSED_NORMED, tokens, norm.width());
        layers.project(List.of(latent.keyValueUp()), List.of(upGradient), normed, normed);
        Matrix down = tape.of(Slot.COMPRESSED, tokens, downWidth);
        layers.norm(norm, down.columns(0, norm.width()), normed, downGradient.columns(0, norm.width()));
        LinearSpec first =
                latent.compressedQuery().map(Projection.Compressed::down).orElse(latent.query());
        Matrix firstGradient = latent.compressedQuery()
                .map(narrow -> compressedQuery(latent.query(), narrow, gradients.query()))
                .orElse(gradients.query());
        layers.project(List.of(first, latent.keyValueDown()), List.of(firstGradient, downGradient), read, readGradient);
    }

    /** Returns the gradient with respect to the compressed queries. */
    private Matrix compressedQuery(LinearSpec up, Projection.Compressed narrow, Matrix queryGradient) {
        int tokens = queryGradient.rows();
        int width = narrow.norm().width();
        Matrix normed = tape.of(Slot.COMPRESSED_QUERY_NORMED, tokens, width);
        layers.project(List.of(up), List.of(queryGradient), normed, normed);
        layers.norm(narrow.norm(), tape.of(Slot.COMPRESSED_QUERY, tokens, width), normed, normed);
        return normed;
    }

    /** Takes gradients of keys and values, head by head, to what they were put together of. */
    private void collect(AttentionInputs gradients, Matrix downGradient, Matrix upGradient) {
        AttentionSpec spec = layers.weights().spec().attention();
        Rotary rotary = spec.rotary().orElseThrow();
        int heads = spec.geometry().heads();
        int width = spec.geometry().headWidth();
        int still = rotary.geometry().first();
        int tokens = downGradient.rows();
        rotateBack(rotary, rotary.geometry(), gradients.query());
        Matrix upHeads = upGradient.reshape(tokens * heads, upGradient.columns() / heads);
        Matrix keyHeads = gradients.key().reshape(tokens * heads, width);
        Matrix valueHeads =
                gradients.value().reshape(tokens * heads, spec.geometry().valueWidth());
        backend.dense().copy(keyHeads.columns(0, still), upHeads.columns(0, still));
        backend.dense().copy(valueHeads, upHeads.columns(still, upHeads.columns()));
        Matrix shared = downGradient.columns(downGradient.columns() - (width - still), downGradient.columns());
        for (int head = 0; head < heads; head++) {
            Matrix ofHead = gradients.key().columns(head * width + still, (head + 1) * width);
            if (head == 0) {
                backend.dense().copy(ofHead, shared);
            } else {
                backend.dense().add(1, ofHead, shared);
            }
        }
        rotateBack(rotary, AttentionForward.alone(rotary.geometry()), shared);
    }

    private void rotateBack(Rotary rotary, RotaryGeometry geometry, Matrix gradient) {
        int length = gradient.rows() / windows;
        backend.gradient().rotate(gradient, geometry, tables.frequencies(rotary, length), length, 0);
    }
}
