package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.DenseOps;
import dev.quipforge.engine.compute.GradientOps;
import dev.quipforge.engine.compute.GradientOps.AttentionGradients;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.config.ModelConfig;
import dev.quipforge.llm.model.Input;
import java.util.List;

/** The backward pass of {@link BlockForward}, layer by layer from its end to its beginning. */
public final class BlockBackward {

    private final ComputeBackend backend;
    private final ModelConfig config;
    private final BlockForward forward;

    /**
     * The backward pass of {@code forward}.
     *
     * @param backend where to compute
     * @param config the model
     * @param forward the forward pass
     */
    public BlockBackward(ComputeBackend backend, ModelConfig config, BlockForward forward) {
        this.backend = backend;
        this.config = config;
        this.forward = forward;
    }

    /**
     * Takes a gradient back through a block.
     *
     * @param weights as in the forward pass
     * @param gradients those with respect to the weights are added here
     * @param windows as in the forward pass
     * @param tape as the forward pass left it; overwritten
     * @param gradient with respect to the block's result; becomes that with respect to its input, [tokens × hidden]
     */
    public void run(BlockWeights weights, BlockWeights gradients, int windows, BlockTape tape, Matrix gradient) {
        mlp(weights, gradients, tape, gradient);
        attention(weights, gradients, windows, tape, gradient);
    }

    private void mlp(BlockWeights weights, BlockWeights gradients, BlockTape tape, Matrix gradient) {
        Activations kept = tape.activations();
        back(Input.MLP_DOWN, weights, gradients, List.of(gradient), kept.gated());
        gradient().swiGlu(kept.gate(), kept.up(), kept.gated(), kept.gate(), kept.up());
        back(Input.MLP_IN, weights, gradients, List.of(kept.gate(), kept.up()), kept.mlpNormed());
        norm(tape.middle(), weights.mlpNorm(), kept.mlpNormed(), gradients.mlpNorm());
        dense().add(1, kept.mlpNormed(), gradient);
    }

    private void attention(BlockWeights weights, BlockWeights gradients, int windows, BlockTape tape, Matrix gradient) {
        Activations kept = tape.activations();
        gradient().addWeight(gradient, kept.gathered(), only(gradients.linears(Input.ATTENTION_OUT)));
        gradient().project(List.of(gradient), weights.linears(Input.ATTENTION_OUT), tape.gatheredGradient());
        AttentionGradients inputs = tape.attention();
        gradient()
                .causalAttention(
                        forward.geometry(),
                        kept.query(),
                        kept.key(),
                        kept.value(),
                        kept.gathered(),
                        windows,
                        tape.gatheredGradient(),
                        inputs);
        int length = gradient.rows() / windows;
        rotateBack(inputs.query(), length);
        rotateBack(inputs.key(), length);
        List<Matrix> projected = List.of(inputs.query(), inputs.key(), inputs.value());
        back(Input.ATTENTION_IN, weights, gradients, projected, kept.normed());
        norm(tape.input(), weights.attentionNorm(), kept.normed(), gradients.attentionNorm());
        dense().add(1, kept.normed(), gradient);
    }

    /** Of the linears that read one input: {@code read} is that input, and becomes the gradient there. */
    private void back(
            Input input, BlockWeights weights, BlockWeights gradients, List<Matrix> outputGradients, Matrix read) {
        List<Matrix> targets = gradients.linears(input);
        for (int i = 0; i < targets.size(); i++) {
            gradient().addWeight(outputGradients.get(i), read, targets.get(i));
        }
        gradient().project(outputGradients, weights.linears(input), read);
    }

    /** Of a norm, in place. */
    private void norm(Matrix input, Matrix weight, Matrix gradient, Matrix weightGradient) {
        gradient().rmsNorm(input, weight, config.normEpsilon(), gradient, gradient, weightGradient);
    }

    private void rotateBack(Matrix gradient, int length) {
        gradient().rotate(gradient, config.heads().width(), forward.frequencies(), length, 0);
    }

    private static Matrix only(List<Matrix> matrices) {
        return matrices.getFirst();
    }

    private GradientOps gradient() {
        return backend.gradient();
    }

    private DenseOps dense() {
        return backend.dense();
    }
}
