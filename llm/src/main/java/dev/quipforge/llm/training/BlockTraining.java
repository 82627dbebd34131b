package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.config.ModelConfig;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.transformer.BlockBackward;
import dev.quipforge.llm.transformer.BlockForward;
import dev.quipforge.llm.transformer.BlockTape;
import dev.quipforge.llm.transformer.BlockWeights;
import java.util.List;

/** One block in training by itself: to the output of the original block, on the original's inputs. */
public final class BlockTraining implements AutoCloseable {

    private final ComputeBackend backend;
    private final Workspace workspace;
    private final TrainableBlock block;
    private final BlockForward forward;
    private final BlockBackward backward;
    private final BlockTape tape;

    private BlockTraining(ComputeBackend backend, Workspace workspace, TrainingSource source, int block, int tokens) {
        ModelConfig config = source.model().config();
        this.backend = backend;
        this.workspace = workspace;
        this.block = new TrainableBlock(
                backend,
                workspace,
                source,
                block,
                new BlockRoom(workspace, source.model().layout()),
                Tables.FIXED);
        this.forward = new BlockForward(backend, workspace, config);
        this.backward = new BlockBackward(backend, config, forward);
        this.tape = BlockTape.allocate(workspace, config, tokens);
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
        try {
            return new BlockTraining(backend, workspace, source, block, tokens);
        } catch (RuntimeException e) {
            workspace.close();
            throw e;
        }
    }

    /** All that is trained. */
    public List<Parameter> parameters() {
        return block.parameters();
    }

    /** The parameters as a checkpoint stores them, F32. */
    public List<Tensor> tensors() {
        return block.tensors();
    }

    /** Where the inputs of the next pass go, [tokens × hidden]. */
    public Matrix input(int tokens) {
        return tape.input().rows(0, tokens);
    }

    /**
     * Σ of the squared differences between the block's output and the original's.
     *
     * @param target output of the original block on {@link #input}, [tokens × hidden]
     * @param windows number of windows in it
     */
    public double squaredError(Matrix target, int windows) {
        BlockTape kept = tape.rows(target.rows());
        forward.run(block.weights(), windows, kept);
        return backend.gradient().squaredError(kept.result(), target, 0, kept.result());
    }

    /**
     * As {@link #squaredError(Matrix, int)}; gradients of it times {@code factor} are added to those of the parameters.
     */
    public double squaredError(Matrix target, int windows, float factor) {
        BlockTape kept = tape.rows(target.rows());
        BlockWeights weights = block.weights();
        forward.run(weights, windows, kept);
        double sum = backend.gradient().squaredError(kept.result(), target, factor, kept.result());
        backward.run(weights, block.gradients(), windows, kept, kept.result());
        block.pullBack();
        return sum;
    }

    @Override
    public void close() {
        workspace.close();
    }
}
