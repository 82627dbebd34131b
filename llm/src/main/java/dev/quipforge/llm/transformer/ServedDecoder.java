package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.config.ModelConfig;
import dev.quipforge.llm.linear.ServedLinears;
import dev.quipforge.llm.model.ModelDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A whole model as it is served: linears stay packed where they are quantized, and every token is computed by itself, whatever
 * stands beside it. Not for several threads; close it to free the weights.
 */
public final class ServedDecoder implements AutoCloseable {

    private final ComputeBackend backend;
    private final ModelConfig config;
    private final Workspace workspace;
    private final EmbeddingForward embedding;
    private final HeadForward head;
    private final BlockForward forward;
    private final List<BlockWeights> blocks = new ArrayList<>();
    private final List<ServedLinears> linears = new ArrayList<>();

    private ServedDecoder(ComputeBackend backend, ModelDirectory model, Workspace workspace) {
        this.backend = backend;
        this.config = model.config();
        this.workspace = workspace;
        this.embedding = EmbeddingForward.load(backend, workspace, model);
        this.head = HeadForward.load(backend, workspace, model, embedding.table());
        this.forward = new BlockForward(backend, workspace);
    }

    /** Loads all weights; {@code model} may be closed afterwards. */
    public static ServedDecoder load(ComputeBackend backend, ModelDirectory model, Progress progress) {
        Workspace workspace = backend.workspace();
        try (CloseOnFailure opened = new CloseOnFailure(workspace::close)) {
            ServedDecoder decoder = new ServedDecoder(backend, model, workspace);
            try (CloseOnFailure filled = new CloseOnFailure(() -> decoder.linears.forEach(ServedLinears::close))) {
                int count = decoder.config.blocks();
                for (int block = 0; block < count; block++) {
                    progress.update((double) block / count, "loading block " + block);
                    decoder.add(model, block);
                }
                progress.update(1, "loaded");
                filled.keep();
            }
            return opened.keep(decoder);
        }
    }

    /** Bytes that the weights of a model take when it is served: codes as they are stored, everything else in fp32. */
    public static long bytes(ModelDirectory model) {
        return model.weights().names().stream()
                .map(model.weights()::tensor)
                .mapToLong(tensor -> tensor.elements()
                        * (tensor.type().floating()
                                ? Float.BYTES
                                : tensor.type().bytes()))
                .sum();
    }

    private void add(ModelDirectory model, int block) {
        BlockSpec spec = config.architecture().blocks().get(block);
        Map<String, Matrix> matrices = new BlockTensors(backend, workspace, model).all(spec);
        ServedLinears loaded = ServedLinears.load(backend, model, spec);
        linears.add(loaded);
        blocks.add(new BlockWeights(spec, matrices, loaded.byName()));
    }

    /** What {@code config.json} says. */
    public ModelConfig config() {
        return config;
    }

    /** Where it computes. */
    public ComputeBackend backend() {
        return backend;
    }

    /**
     * Takes tokens of texts through the model; their keys and values go into the cache.
     *
     * @param result owner of the result
     * @param cache of the texts so far
     * @param tokens the tokens
     * @param step where they stand
     * @return the last hidden state of every token, normalized, [tokens × hidden]
     */
    public Matrix advance(Workspace result, PagedCache cache, int[] tokens, PagedStep step) {
        Matrix hidden = result.matrix(tokens.length, config.hidden());
        try (Workspace temporary = backend.workspace()) {
            Activations buffers = Activations.reused(temporary, tokens.length);
            embedding.run(tokens, hidden);
            for (int block = 0; block < blocks.size(); block++) {
                forward.advance(blocks.get(block), hidden, cache.at(block, step, buffers), buffers);
            }
            head.normalize(hidden, hidden);
        }
        return hidden;
    }

    /**
     * The logits of hidden states.
     *
     * @param result owner of the result
     * @param hidden [rows × hidden], of {@link #advance}
     * @return [rows × vocabulary]
     */
    public Matrix logits(Workspace result, Matrix hidden) {
        Matrix logits = result.matrix(hidden.rows(), config.vocabulary());
        head.logitsRowByRow(hidden, logits);
        return logits;
    }

    @Override
    public void close() {
        linears.forEach(ServedLinears::close);
        workspace.close();
    }
}
