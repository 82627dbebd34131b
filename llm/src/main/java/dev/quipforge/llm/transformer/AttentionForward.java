package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.RotaryGeometry;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.AttentionSpec;
import dev.quipforge.llm.architecture.InputSpec;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.architecture.NormSpec;
import dev.quipforge.llm.architecture.Projection;
import dev.quipforge.llm.architecture.Rotary;
import dev.quipforge.llm.transformer.Activations.Slot;
import java.util.List;
import java.util.Optional;

/** The attention of a block: queries, keys and values of what it reads, what the queries gather, and the linear behind. */
final class AttentionForward {

    private final ComputeBackend backend;
    private final Layers layers;
    private final RotaryTables tables;

    AttentionForward(ComputeBackend backend, RotaryTables tables) {
        this.backend = backend;
        this.layers = new Layers(backend);
        this.tables = tables;
    }

    /**
     * Computes it.
     *
     * @param weights of the block
     * @param read what it reads, [tokens × hidden]
     * @param positions where the tokens stand
     * @param buffers activations
     * @param listener sees the inputs of the linears
     * @return what is added to the hidden state, before its norm if it has one
     */
    Matrix run(BlockWeights weights, Matrix read, Positions positions, Activations buffers, InputListener listener) {
        AttentionSpec spec = weights.spec().attention();
        int tokens = read.rows();
        Matrix query = buffers.of(Slot.QUERY, tokens, spec.queryWidth());
        switch (spec.projection()) {
            case Projection.Direct direct -> direct(weights, direct, read, query, positions, buffers, listener);
            case Projection.Latent latent -> latent(weights, latent, read, query, positions, buffers, listener);
        }
        Matrix gathered = buffers.of(Slot.GATHERED, tokens, spec.gatheredWidth());
        positions.attend(spec.geometry(), query, spec.sinks().map(weights::of).orElse(null), gathered);
        Matrix result = buffers.of(Slot.ATTENTION_RESULT, tokens, read.columns());
        project(weights, InputSpec.ATTENTION_OUT, gathered, List.of(spec.output()), List.of(result), listener);
        return result;
    }

    private void direct(
            BlockWeights weights,
            Projection.Direct direct,
            Matrix read,
            Matrix query,
            Positions positions,
            Activations buffers,
            InputListener listener) {
        Matrix keys = positions.keys();
        Matrix rawQuery =
                direct.queryNorm().isPresent() ? buffers.of(Slot.UNNORMED_QUERY, query.rows(), query.columns()) : query;
        Matrix rawKeys =
                direct.keyNorm().isPresent() ? buffers.of(Slot.UNNORMED_KEY, keys.rows(), keys.columns()) : keys;
        List<LinearSpec> linears = List.of(direct.query(), direct.key(), direct.value());
        project(
                weights,
                InputSpec.ATTENTION_IN,
                read,
                linears,
                List.of(rawQuery, rawKeys, positions.values()),
                listener);
        normalize(weights, direct.queryNorm(), rawQuery, query);
        normalize(weights, direct.keyNorm(), rawKeys, keys);
        weights.spec().attention().rotary().ifPresent(rotary -> {
            rotate(rotary, rotary.geometry(), query, positions);
            rotate(rotary, rotary.geometry(), keys, positions);
        });
    }

    private void latent(
            BlockWeights weights,
            Projection.Latent latent,
            Matrix read,
            Matrix query,
            Positions positions,
            Activations buffers,
            InputListener listener) {
        int tokens = read.rows();
        Matrix down = buffers.of(
                Slot.COMPRESSED, tokens, latent.keyValueDown().shape().outputs());
        Optional<Projection.Compressed> compressed = latent.compressedQuery();
        LinearSpec first = compressed.map(Projection.Compressed::down).orElse(latent.query());
        Matrix firstOutput = compressed.isPresent()
                ? buffers.of(Slot.COMPRESSED_QUERY, tokens, first.shape().outputs())
                : query;
        project(
                weights,
                InputSpec.ATTENTION_IN,
                read,
                List.of(first, latent.keyValueDown()),
                List.of(firstOutput, down),
                listener);
        compressed.ifPresent(narrow -> {
            Matrix normed = buffers.of(Slot.COMPRESSED_QUERY_NORMED, tokens, firstOutput.columns());
            layers.normalize(narrow.norm(), weights.of(narrow.norm()), firstOutput, normed);
            project(weights, InputSpec.QUERY_UP, normed, List.of(latent.query()), List.of(query), listener);
        });
        NormSpec norm = latent.keyValueNorm();
        Matrix normed = buffers.of(Slot.COMPRESSED_NORMED, tokens, norm.width());
        layers.normalize(norm, weights.of(norm), down.columns(0, norm.width()), normed);
        Matrix up =
                buffers.of(Slot.KEY_VALUE, tokens, latent.keyValueUp().shape().outputs());
        project(weights, InputSpec.KEY_VALUE_UP, normed, List.of(latent.keyValueUp()), List.of(up), listener);
        distribute(weights.spec().attention(), down, up, query, positions);
    }

    /** Turns what turns, and puts keys and values together, head by head. */
    private void distribute(AttentionSpec spec, Matrix down, Matrix up, Matrix query, Positions positions) {
        int heads = spec.geometry().heads();
        int width = spec.geometry().headWidth();
        int tokens = down.rows();
        Rotary rotary = spec.rotary().orElseThrow();
        int still = rotary.geometry().first();
        int turning = rotary.geometry().width();
        Matrix shared = down.columns(down.columns() - turning, down.columns());
        rotate(rotary, rotary.geometry(), query, positions);
        rotate(rotary, alone(rotary.geometry()), shared, positions);
        Matrix upHeads = up.reshape(tokens * heads, up.columns() / heads);
        Matrix keyHeads = positions.keys().reshape(tokens * heads, width);
        Matrix valueHeads =
                positions.values().reshape(tokens * heads, spec.geometry().valueWidth());
        backend.dense().copy(upHeads.columns(0, still), keyHeads.columns(0, still));
        backend.dense().copy(upHeads.columns(still, upHeads.columns()), valueHeads);
        try (Workspace temporary = backend.workspace()) {
            IntMatrix owners = temporary.copyOf(1, tokens * heads, owners(tokens, heads));
            backend.transformer().embed(shared, owners, keyHeads.columns(still, width));
        }
    }

    /** The token that every head of every token belongs to. */
    static int[] owners(int tokens, int heads) {
        int[] owners = new int[tokens * heads];
        for (int i = 0; i < owners.length; i++) {
            owners[i] = i / heads;
        }
        return owners;
    }

    /** The same pairs, where nothing but them is there. */
    static RotaryGeometry alone(RotaryGeometry geometry) {
        return new RotaryGeometry(geometry.width(), 0, geometry.width(), geometry.pairs(), geometry.amplitude());
    }

    private void rotate(Rotary rotary, RotaryGeometry geometry, Matrix heads, Positions positions) {
        Matrix frequencies = tables.frequencies(rotary, positions.length());
        positions.rotate(heads, geometry, frequencies);
    }

    private void normalize(BlockWeights weights, Optional<NormSpec> norm, Matrix raw, Matrix normed) {
        norm.ifPresent(spec -> layers.normalize(spec, weights.of(spec), raw, normed));
    }

    private void project(
            BlockWeights weights,
            String key,
            Matrix read,
            List<LinearSpec> linears,
            List<Matrix> outputs,
            InputListener listener) {
        listener.reads(new InputSpec(key, read.columns(), linears), read);
        layers.project(weights, read, linears, outputs);
    }
}
