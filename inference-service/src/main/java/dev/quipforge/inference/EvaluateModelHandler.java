package dev.quipforge.inference;

import dev.quipforge.contracts.EvaluateModel;
import dev.quipforge.contracts.Evaluation;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.ModelEvaluated;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.artifact.CachedDirectory;
import dev.quipforge.kit.json.ContractsJson;
import dev.quipforge.kit.task.TaskContext;
import dev.quipforge.kit.task.TaskHandler;
import dev.quipforge.kit.task.TaskResults;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.evaluation.Comparison;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.tokenizer.TextWindows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Measures a quantized model against its original on a text. */
final class EvaluateModelHandler implements TaskHandler<EvaluateModel> {

    private final ComputeBackend backend;
    private final ArtifactStore store;
    private final ArtifactCache cache;
    private final TaskResults results;

    EvaluateModelHandler(ComputeBackend backend, ArtifactStore store, ArtifactCache cache, TaskResults results) {
        this.backend = backend;
        this.store = store;
        this.cache = cache;
        this.results = results;
    }

    @Override
    public Class<EvaluateModel> type() {
        return EvaluateModel.class;
    }

    @Override
    public TaskResult handle(EvaluateModel task, TaskContext context) throws IOException {
        return results.computeOnce(task.output(), ModelEvaluated.class, () -> evaluate(task, context));
    }

    private ModelEvaluated evaluate(EvaluateModel task, TaskContext context) {
        Progress progress = context::progress;
        String text = new String(store.read(task.text()), StandardCharsets.UTF_8);
        try (CachedDirectory originalFiles = cache.open(task.original());
                CachedDirectory quantizedFiles = cache.open(task.quantized());
                ModelDirectory original = ModelDirectory.open(originalFiles.path());
                ModelDirectory quantized = ModelDirectory.open(quantizedFiles.path())) {
            TextWindows windows = windows(original, text, task.window());
            Evaluation evaluation = evaluation(Comparison.measure(backend, original, quantized, windows, progress));
            store.put(task.output(), ContractsJson.mapper().writeValueAsBytes(evaluation));
            return new ModelEvaluated(task.output(), evaluation);
        }
    }

    private static TextWindows windows(ModelDirectory model, String text, int window) {
        int context = model.config().context();
        if (window > context) {
            throw new InvalidModelException(
                    "evaluation.window", window + " (expected: at most " + context + " of this model)");
        }
        return TextWindows.cut(model.tokenizer(), text, window, "evaluation text");
    }

    private static Evaluation evaluation(Comparison comparison) {
        return new Evaluation(
                comparison.original().perplexity(),
                comparison.quantized().perplexity(),
                comparison.meanDivergence(),
                comparison.topAgreement(),
                comparison.original().tokens(),
                comparison.original().windows(),
                comparison.original().window(),
                comparison.original().specialTokens());
    }
}
