package dev.quipforge.llm.linear;

import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.format.StoredTensor;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.weights.LinearDecoder;
import dev.quipforge.llm.weights.LinearTransform;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The transforms of linears that read one input. Linears with equal vectors of the input side get one and the same, so that they
 * can share the transformed input; checkpoints of other programs may give every linear its own.
 */
final class LinearTransforms {

    private final ModelDirectory model;
    private final Workspace workspace;
    private float @Nullable [] signs;
    private @Nullable LinearTransform first;

    /**
     * For one input.
     *
     * @param model holds the vectors
     * @param workspace owner of those that are loaded
     */
    LinearTransforms(ModelDirectory model, Workspace workspace) {
        this.model = model;
        this.workspace = workspace;
    }

    LinearTransform of(LinearDecoder decoder, String linear) {
        LinearTransform own = decoder.transform(workspace, model.weights(), model.layout(), linear);
        float[] ownSigns =
                model.weights().tensor(linear + StoredTensor.INPUT_SIGNS).floats();
        LinearTransform shared = first;
        if (shared == null) {
            first = own;
            signs = ownSigns;
            return own;
        }
        return Arrays.equals(signs, ownSigns)
                ? new LinearTransform(
                        own.backend(), shared.inputs(), own.outputs(), shared.inputSigns(), own.outputScales())
                : own;
    }
}
