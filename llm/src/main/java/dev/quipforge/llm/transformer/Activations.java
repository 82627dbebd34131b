package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.config.ModelConfig;

/**
 * Room for what one decoder block computes between its input and its output; every block of a pass uses the same.
 *
 * @param normed normalized hidden state, [tokens × hidden]
 * @param query queries, [tokens × query width]
 * @param key keys, [tokens × key/value width]
 * @param value values, [tokens × key/value width]
 * @param gathered what the attention gathered, [tokens × query width]
 * @param gate gate, then gated product, [tokens × intermediate]
 * @param up second factor of the gated product, [tokens × intermediate]
 * @param output what is added to the hidden state, [tokens × hidden]
 */
record Activations(
        Matrix normed, Matrix query, Matrix key, Matrix value, Matrix gathered, Matrix gate, Matrix up, Matrix output) {

    static Activations allocate(Workspace workspace, ModelConfig config, int tokens) {
        ModelConfig.Heads heads = config.heads();
        ModelConfig.Sizes sizes = config.sizes();
        return new Activations(
                workspace.matrix(tokens, sizes.hidden()),
                workspace.matrix(tokens, heads.queryWidth()),
                workspace.matrix(tokens, heads.keyValueWidth()),
                workspace.matrix(tokens, heads.keyValueWidth()),
                workspace.matrix(tokens, heads.queryWidth()),
                workspace.matrix(tokens, sizes.intermediate()),
                workspace.matrix(tokens, sizes.intermediate()),
                workspace.matrix(tokens, sizes.hidden()));
    }

    int tokens() {
        return normed.rows();
    }

    /** The first {@code tokens} rows of all of them. */
    Activations rows(int tokens) {
        return tokens == tokens()
                ? this
                : new Activations(
                        normed.rows(0, tokens),
                        query.rows(0, tokens),
                        key.rows(0, tokens),
                        value.rows(0, tokens),
                        gathered.rows(0, tokens),
                        gate.rows(0, tokens),
                        up.rows(0, tokens),
                        output.rows(0, tokens));
    }
}
