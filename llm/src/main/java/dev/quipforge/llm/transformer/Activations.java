package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.config.ModelConfig;

/**
 * Room for what one decoder block computes between its input and its output.
 *
 * @param normed normalized hidden state before the attention, [tokens × hidden]
 * @param query queries, rotated, [tokens × query width]
 * @param key keys, rotated, [tokens × key/value width]
 * @param value values, [tokens × key/value width]
 * @param gathered what the attention gathered, [tokens × query width]
 * @param mlpNormed normalized hidden state before the MLP, [tokens × hidden]; may be {@code normed}
 * @param gate gate, [tokens × intermediate]
 * @param up second factor of the gated product, [tokens × intermediate]
 * @param gated gated product, [tokens × intermediate]; may be {@code gate}
 * @param output what is added to the hidden state, [tokens × hidden]
 */
public record Activations(
        Matrix normed,
        Matrix query,
        Matrix key,
        Matrix value,
        Matrix gathered,
        Matrix mlpNormed,
        Matrix gate,
        Matrix up,
        Matrix gated,
        Matrix output) {

    /** The least room; every block of a pass uses the same. */
    public static Activations allocate(Workspace workspace, ModelConfig config, int tokens) {
        Matrix normed = workspace.matrix(tokens, config.sizes().hidden());
        Matrix gate = workspace.matrix(tokens, config.sizes().intermediate());
        return allocate(workspace, config, normed, normed, gate, gate);
    }

    /** Room in which nothing overwrites what a backward pass needs. */
    static Activations allocateSeparate(Workspace workspace, ModelConfig config, int tokens) {
        int hidden = config.sizes().hidden();
        int intermediate = config.sizes().intermediate();
        return allocate(
                workspace,
                config,
                workspace.matrix(tokens, hidden),
                workspace.matrix(tokens, hidden),
                workspace.matrix(tokens, intermediate),
                workspace.matrix(tokens, intermediate));
    }

    private static Activations allocate(
            Workspace workspace, ModelConfig config, Matrix normed, Matrix mlpNormed, Matrix gate, Matrix gated) {
        int tokens = normed.rows();
        ModelConfig.Heads heads = config.heads();
        return new Activations(
                normed,
                workspace.matrix(tokens, heads.queryWidth()),
                workspace.matrix(tokens, heads.keyValueWidth()),
                workspace.matrix(tokens, heads.keyValueWidth()),
                workspace.matrix(tokens, heads.queryWidth()),
                mlpNormed,
                gate,
                workspace.matrix(tokens, config.sizes().intermediate()),
                gated,
                workspace.matrix(tokens, config.sizes().hidden()));
    }

    int tokens() {
        return normed.rows();
    }

    /** The first {@code tokens} rows of all of them. */
    public Activations rows(int tokens) {
        if (tokens == tokens()) {
            return this;
        }
        Matrix rows = normed.rows(0, tokens);
        Matrix gates = gate.rows(0, tokens);
        return new Activations(
                rows,
                query.rows(0, tokens),
                key.rows(0, tokens),
                value.rows(0, tokens),
                gathered.rows(0, tokens),
                mlpNormed.equals(normed) ? rows : mlpNormed.rows(0, tokens),
                gates,
                up.rows(0, tokens),
                gated.equals(gate) ? gates : gated.rows(0, tokens),
                output.rows(0, tokens));
    }
}
