package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.testing.QuantizedModels;
import java.util.List;

/** A quantized model in training, on one window, beside the original's last hidden states. */
final class TrainedModel implements AutoCloseable {

    private final List<int[]> windows;
    private final ModelDirectory directory;
    private final TrainingSource source;
    private final TrainableModel model;
    private final Workspace workspace;
    private final Matrix original;

    /** The model of {@code fixture}, with the bytes of activations that it may keep. */
    TrainedModel(QuantizedModels fixture, ComputeBackend backend, long kept) {
        this.windows = fixture.windows().tokens().subList(0, 1);
        this.directory = fixture.open();
        this.source = TrainingSource.open(directory, fixture.scheme(), fixture.groups(directory), List.of());
        this.model = TrainableModel.load(backend, source, fixture.windows().context(), kept);
        this.workspace = backend.workspace();
        this.original = fixture.finals(backend, workspace, 1);
    }

    TrainableModel model() {
        return model;
    }

    List<Parameter> parameters() {
        return model.parameters();
    }

    /** Those that are tables. */
    List<Parameter> tables() {
        return parameters().stream()
                .filter(parameter -> parameter.kind() == Parameter.Kind.TABLE)
                .toList();
    }

    /** The original's last hidden states. */
    Matrix original() {
        return original;
    }

    /** Adds the gradients of the loss, which it returns. */
    double addGradients() {
        Matrix hidden = model.forward(windows);
        Matrix gradient = workspace.matrix(hidden.rows(), hidden.columns());
        double loss = model.head().divergence(original, hidden, 1, gradient);
        model.backward(windows.size(), gradient);
        return loss;
    }

    double loss() {
        return model.head().divergence(original, model.forward(windows));
    }

    @Override
    public void close() {
        workspace.close();
        model.close();
        source.close();
        directory.close();
    }
}
