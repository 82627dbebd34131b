package dev.quipforge.llm.linear;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.PackedMatrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.InputSpec;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.weights.LinearDecoder;
import dev.quipforge.llm.weights.LinearTransform;
import dev.quipforge.llm.weights.LinearWeights;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The linears of one block as they are served: packed where they are quantized. Close it to free them. */
public final class ServedLinears implements AutoCloseable {

    private final ComputeBackend backend;
    private final ModelDirectory model;
    private final Workspace workspace;
    private final List<PackedMatrix> codes = new ArrayList<>();
    private final Map<String, Linear> linears = new HashMap<>();

    private ServedLinears(ComputeBackend backend, ModelDirectory model) {
        this.backend = backend;
        this.model = model;
        this.workspace = backend.workspace();
    }

    /** Loads the linears of a block. */
    public static ServedLinears load(ComputeBackend backend, ModelDirectory model, BlockSpec block) {
        ServedLinears loaded = new ServedLinears(backend, model);
        try (CloseOnFailure opened = new CloseOnFailure(loaded::close)) {
            block.inputs().forEach(loaded::load);
            return opened.keep(loaded);
        }
    }

    /** The linears by name. */
    public Map<String, Linear> byName() {
        return Map.copyOf(linears);
    }

    private void load(InputSpec input) {
        LinearTransforms transforms = new LinearTransforms(model, workspace);
        for (LinearSpec linear : input.linears()) {
            linears.put(
                    linear.name(),
                    model.config()
                            .quantization()
                            .filter(_ -> model.config().isQuantized(linear.name()))
                            .<Linear>map(config -> pack(new LinearDecoder(backend, config), linear, transforms))
                            .orElseGet(() -> new DenseLinear(LinearWeights.load(backend, workspace, model, linear))));
        }
    }

    private PackedLinear pack(LinearDecoder decoder, LinearSpec linear, LinearTransforms transforms) {
        LinearTransform transform = transforms.of(decoder, linear.name());
        PackedMatrix packed = decoder.pack(model.weights(), model.layout(), linear.name());
        codes.add(packed);
        return new PackedLinear(
                backend, linear.shape().outputs(), linear.shape().inputs(), packed, transform);
    }

    @Override
    public void close() {
        codes.forEach(PackedMatrix::close);
        workspace.close();
    }
}
