package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.architecture.Architecture.Embedding;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.rows.WeightLoader;
import java.util.Arrays;
import java.util.List;

/**
 * The embedding of tokens.
 *
 * @param backend where to compute
 * @param spec of the model
 * @param table one row a token, [vocabulary × hidden]
 */
public record EmbeddingForward(ComputeBackend backend, Embedding spec, Matrix table) {

    /** Loads the embedding of a model. */
    public static EmbeddingForward load(ComputeBackend backend, Workspace workspace, ModelDirectory model) {
        Embedding spec = model.config().architecture().embedding();
        Matrix table = WeightLoader.load(backend, workspace, model.weights().tensor(spec.tensor()));
        return new EmbeddingForward(backend, spec, table);
    }

    /** The hidden states that windows begin with, [windows · length × hidden]. */
    public void run(List<int[]> windows, Matrix hidden) {
        run(windows.stream().flatMapToInt(Arrays::stream).toArray(), hidden);
    }

    /**
     * The hidden states that tokens begin with, [tokens × hidden].
     *
     * @throws InvalidModelException naming a token that the vocabulary has not
     */
    public void run(int[] tokens, Matrix hidden) {
        for (int token : tokens) {
            if (token < 0 || token >= table.rows()) {
                throw new InvalidModelException("token", token + " (expected: 0 to " + (table.rows() - 1) + ")");
            }
        }
        try (Workspace temporary = backend.workspace()) {
            backend.transformer().embed(table, temporary.copyOf(1, tokens.length, tokens), hidden);
        }
        if (spec.multiplier() != 1) {
            backend.dense().scale(hidden, spec.multiplier());
        }
    }
}
