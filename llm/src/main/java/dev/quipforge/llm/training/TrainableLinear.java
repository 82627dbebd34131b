package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.safetensors.WritableTensor;
import java.util.List;

/** A linear layer in training, y = x Wᵀ. */
sealed interface TrainableLinear permits DenseLinear, RoundedLinear {

    /** What is trained. */
    List<Parameter> parameters();

    /** W as it is now, [outputs × inputs]; the same matrix every time. */
    Matrix weight();

    /** Where a backward pass adds the gradient with respect to W; zero before it. */
    Matrix gradient();

    /** Makes {@link #weight()} anew from the parameters. */
    void refresh();

    /** Takes the gradient with respect to W on to the parameters, once a backward pass has added it. */
    void pullBack();

    /** The parameters as a checkpoint stores them, F32. */
    List<WritableTensor> tensors();
}
