package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.safetensors.WritableTensor;
import dev.quipforge.llm.transformer.Activations;
import dev.quipforge.llm.transformer.BlockBackward;
import dev.quipforge.llm.transformer.BlockForward;
import dev.quipforge.llm.transformer.BlockWeights;
import java.util.List;

/** One block in training by itself: to the output of the original block, on the original's inputs. */
public final class BlockTraining implements AutoCloseable {

    private final ComputeBackend backend;
    private final Workspace workspace;
    private final TrainableBlock block;
    private final BlockForward forward;
    private final BlockBackward backward;
    private final Activations tape;
    private final int hidden;

    private BlockTraining(ComputeBackend backend, Workspace workspace, TrainingSource source, int block, int tokens) {
        this.backend = backend;
        this.workspace = workspace;
        this.block = new TrainableBlock(
                backend,
                workspace,
                source,
                block,
                new TrainingSource.TrainingBuffers(
                        new BlockBuffers(workspace, source.model().layout()), TablePolicy.FIXED));
        this.forward = new BlockForward(backend, workspace);
        this.backward = new BlockBackward(backend, forward);
        this.tape = Activations.kept(workspace, tokens);
        this.hidden = source.model().config().hidden();
    }

    /**
     * Loads a block.
     *
     * @param backend where to
     * @param source the original, the block's groups so far, and what was tuned of it
     * @param block its index
     * @param tokens most tokens of one pass
     */
    public static BlockTraining load(ComputeBackend backend, TrainingSource source, int block, int tokens) {
        Workspace workspace = backend.workspace();
        try (CloseOnFailure opened = new CloseOnFailure(workspace::close)) {
            return opened.keep(new BlockTraining(backend, workspace, source, block, tokens));
        }
    }

    /** All that is trained. */
    public List<Parameter> parameters() {
        return block.parameters();
    }

    /** The parameters as a checkpoint stores them, F32. */
    public List<WritableTensor> tensors() {
        return block.tensors();
    }

    /** Where the inputs of the next pass go, [tokens × hidden]. */
    public Matrix input(int tokens) {
        return tape.input(tokens, hidden);
    }

    /**
     * Σ of the squared differences between the block's output and the original's.
     *
     * @param target output of the original block on {@link #input}, [tokens × hidden]
     * @param windows number of windows in it
     */
    public double squaredError(Matrix target, int windows) {
        forward.run(block.weights(), target.rows(), windows, tape);
        Matrix result = tape.result(target.rows(), hidden);
        return backend.gradient().squaredError(result, target, 0, result);
    }

    /**
     * As {@link #squaredError(Matrix, int)}; gradients of it times {@code factor} are added to those of the parameters.
     */
    public double squaredError(Matrix target, int windows, float factor) {
        BlockWeights weights = block.weights();
        forward.run(weights, target.rows(), windows, tape);
        Matrix result = tape.result(target.rows(), hidden);
        double sum = backend.gradient().squaredError(result, target, factor, result);
        backward.run(weights, block.gradients(), windows, tape, result);
        block.pullBack();
        return sum;
    }

    @Override
    public void close() {
        tape.close();
        workspace.close();
    }
}
