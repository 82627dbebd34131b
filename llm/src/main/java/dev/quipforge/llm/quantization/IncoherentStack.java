package dev.quipforge.llm.quantization;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.InputSpec;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.format.Formats;
import dev.quipforge.llm.format.WeightFormat;
import java.util.ArrayList;
import java.util.List;

/** Inputs of one shape, each with its linears, transformed and below each other: what is rounded at once. */
final class IncoherentStack implements AutoCloseable {

    private final Workspace workspace;
    private final Matrix weights;
    private final List<IncoherentInput> inputs = new ArrayList<>();

    /**
     * Allocates the stack.
     *
     * @param backend where to
     * @param block index of the block
     * @param which inputs whose linears have equal shapes
     * @param config how
     */
    IncoherentStack(ComputeBackend backend, int block, List<InputSpec> which, QuantizationConfig config) {
        WeightFormat format = Formats.of(config);
        InputSpec first = which.getFirst();
        int columns = WeightFormat.padded(first.width(), format.columnUnit());
        int rows = IncoherentInput.paddedRows(first, format);
        this.workspace = backend.workspace();
        try (CloseOnFailure opened = new CloseOnFailure(workspace::close)) {
            this.weights = workspace.matrix(Math.multiplyExact(rows, which.size()), columns);
            for (InputSpec input : which) {
                Matrix hessian = workspace.matrix(columns, columns);
                IncoherentInput.Buffers buffers = new IncoherentInput.Buffers(hessian, weights, rows * inputs.size());
                inputs.add(new IncoherentInput(backend, config, input, block + "/" + input.key(), buffers));
            }
            opened.keep();
        }
    }

    /** The inputs, top to bottom. */
    List<IncoherentInput> inputs() {
        return inputs;
    }

    /** H̃ of every input. */
    List<Matrix> hessians() {
        return inputs.stream().map(IncoherentInput::hessian).toList();
    }

    /** W̃ of all linears below each other. */
    Matrix weights() {
        return weights;
    }

    @Override
    public void close() {
        workspace.close();
    }
}
