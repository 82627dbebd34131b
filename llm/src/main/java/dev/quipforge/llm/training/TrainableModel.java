package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.config.ModelConfig;
import dev.quipforge.llm.safetensors.WritableTensor;
import dev.quipforge.llm.transformer.Activations;
import dev.quipforge.llm.transformer.BlockBackward;
import dev.quipforge.llm.transformer.BlockForward;
import dev.quipforge.llm.transformer.BlockWeights;
import dev.quipforge.llm.transformer.EmbeddingForward;
import dev.quipforge.llm.transformer.InputListener;
import java.util.ArrayList;
import java.util.List;

/**
 * A quantized model in training as a whole. Its forward pass keeps the input of every block, and all activations only of the
 * last blocks; the backward pass computes those of the others again.
 */
public final class TrainableModel implements AutoCloseable {

    /** Bytes of activations that may be kept: they cost memory and save time, and change no result. */
    private static final long KEPT = 1L << 30;

    private final ComputeBackend backend;
    private final Workspace workspace;
    private final ModelConfig config;
    private final EmbeddingForward embedding;
    private final List<TrainableBlock> blocks = new ArrayList<>();
    private final TrainableHead head;
    private final BlockForward forward;
    private final BlockBackward backward;
    private final Activations buffers;
    private final Matrix hidden;
    private final List<Matrix> inputs = new ArrayList<>();

    /** Of the last block, the one before it, and so on. */
    private final List<Activations> tapes = new ArrayList<>();

    private TrainableModel(ComputeBackend backend, Workspace workspace, TrainingSource source, int tokens, long kept) {
        this.backend = backend;
        this.workspace = workspace;
        this.config = source.model().config();
        this.embedding = EmbeddingForward.load(backend, workspace, source.model());
        BlockBuffers shared = new BlockBuffers(workspace, source.model().layout());
        TrainingSource.TrainingBuffers where = new TrainingSource.TrainingBuffers(shared, TablePolicy.TRAINED);
        for (int block = 0; block < config.blocks(); block++) {
            blocks.add(new TrainableBlock(backend, workspace, source, block, where));
        }
        this.head = new TrainableHead(backend, workspace, source);
        this.forward = new BlockForward(backend, workspace);
        this.backward = new BlockBackward(backend, forward);
        this.buffers = Activations.reused(workspace, tokens);
        this.hidden = workspace.matrix(tokens, config.hidden());
        allocateTapes(tokens, kept);
    }

    /**
     * Loads a model.
     *
     * @param backend where to
     * @param source all groups of the model, and what was tuned
     * @param tokens most tokens of one pass
     */
    public static TrainableModel load(ComputeBackend backend, TrainingSource source, int tokens) {
        return load(backend, source, tokens, KEPT);
    }

    /** As above, with the bytes of activations that may be kept. */
    static TrainableModel load(ComputeBackend backend, TrainingSource source, int tokens, long kept) {
        source.groups().requireAll(source.model());
        Workspace workspace = backend.workspace();
        try (CloseOnFailure opened = new CloseOnFailure(workspace::close)) {
            return opened.keep(new TrainableModel(backend, workspace, source, tokens, kept));
        }
    }

    /** A pass through the last block shows what one takes; that of a block of experts depends on its tokens. */
    private void allocateTapes(int tokens, long kept) {
        long before = workspace.allocatedBytes();
        Activations first = Activations.kept(workspace, tokens);
        forward.run(blocks.getLast().weights(), tokens, 1, first);
        long bytes = Math.max(1, workspace.allocatedBytes() - before);
        tapes.add(first);
        int count = (int) Math.min(blocks.size(), Math.max(1, kept / bytes));
        while (tapes.size() < count) {
            tapes.add(Activations.kept(workspace, tokens));
        }
        for (int block = 0; block < blocks.size() - count; block++) {
            inputs.add(workspace.matrix(tokens, config.hidden()));
        }
    }

    /** All that is trained. */
    public List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>();
        blocks.forEach(block -> parameters.addAll(block.parameters()));
        parameters.addAll(head.parameters());
        return parameters;
    }

    /** The parameters as a checkpoint stores them, F32. */
    public List<WritableTensor> tensors() {
        List<WritableTensor> tensors = new ArrayList<>();
        blocks.forEach(block -> tensors.addAll(block.tensors()));
        tensors.addAll(head.tensors());
        return tensors;
    }

    /** Last norm and head. */
    public TrainableHead head() {
        return head;
    }

    /**
     * Takes windows through all blocks.
     *
     * @param windows token ids, windows of equal length
     * @return the last hidden states, not normalized, [windows · length × hidden]; valid until the next call
     */
    public Matrix forward(List<int[]> windows) {
        int length = windows.getFirst().length;
        Matrix states = hidden.rows(0, windows.size() * length);
        embedding.run(windows, states);
        for (int block = 0; block < blocks.size(); block++) {
            forward(block, states, windows.size());
        }
        return states;
    }

    private void forward(int block, Matrix states, int windows) {
        if (block < inputs.size()) {
            backend.dense().copy(states, inputs.get(block).rows(0, states.rows()));
            forward.run(blocks.get(block).weights(), states, windows, buffers, InputListener.NONE);
            return;
        }
        Activations tape = tape(block);
        backend.dense().copy(states, tape.input(states.rows(), states.columns()));
        forward.run(blocks.get(block).weights(), states.rows(), windows, tape);
        backend.dense().copy(tape.result(states.rows(), states.columns()), states);
    }

    private Activations tape(int block) {
        return tapes.get(blocks.size() - 1 - block);
    }

    /**
     * Takes a gradient back through all blocks, of the windows that went {@link #forward} last; gradients with respect to the
     * parameters are added.
     *
     * @param windows number of windows
     * @param gradient with respect to the last hidden states; overwritten
     */
    public void backward(int windows, Matrix gradient) {
        for (int block = blocks.size() - 1; block >= 0; block--) {
            TrainableBlock trained = blocks.get(block);
            BlockWeights weights = trained.weights();
            Activations tape;
            if (block < inputs.size()) {
                tape = tapes.getFirst();
                Matrix input = tape.input(gradient.rows(), gradient.columns());
                backend.dense().copy(inputs.get(block).rows(0, gradient.rows()), input);
                forward.run(weights, gradient.rows(), windows, tape);
            } else {
                tape = tape(block);
            }
            backward.run(weights, trained.gradients(), windows, tape, gradient);
            trained.pullBack();
        }
    }

    @Override
    public void close() {
        tapes.forEach(Activations::close);
        workspace.close();
    }
}
