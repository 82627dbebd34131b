package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.GradientOps.AttentionGradients;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.config.ModelConfig;

/**
 * What the forward pass of a block leaves for its backward pass, which overwrites it.
 *
 * @param input hidden state before the block, [tokens × hidden]; the caller fills it
 * @param middle hidden state between attention and MLP, likewise
 * @param result hidden state after the block, likewise
 * @param activations what was computed in between
 * @param gatheredGradient room for the gradient at what the attention gathered
 * @param attention room for the gradients at the inputs of the attention
 */
public record BlockTape(
        Matrix input,
        Matrix middle,
        Matrix result,
        Activations activations,
        Matrix gatheredGradient,
        AttentionGradients attention) {

    /** Room for {@code tokens} tokens. */
    public static BlockTape allocate(Workspace workspace, ModelConfig config, int tokens) {
        int hidden = config.sizes().hidden();
        int queries = config.heads().queryWidth();
        int keys = config.heads().keyValueWidth();
        return new BlockTape(
                workspace.matrix(tokens, hidden),
                workspace.matrix(tokens, hidden),
                workspace.matrix(tokens, hidden),
                Activations.allocateSeparate(workspace, config, tokens),
                workspace.matrix(tokens, queries),
                new AttentionGradients(
                        workspace.matrix(tokens, queries),
                        workspace.matrix(tokens, keys),
                        workspace.matrix(tokens, keys)));
    }

    /** The first {@code tokens} rows of all of them. */
    public BlockTape rows(int tokens) {
        return tokens == input.rows()
                ? this
                : new BlockTape(
                        input.rows(0, tokens),
                        middle.rows(0, tokens),
                        result.rows(0, tokens),
                        activations.rows(tokens),
                        gatheredGradient.rows(0, tokens),
                        new AttentionGradients(
                                attention.query().rows(0, tokens),
                                attention.key().rows(0, tokens),
                                attention.value().rows(0, tokens)));
    }
}
