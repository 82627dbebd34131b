package dev.quipforge.quantizer;

import dev.quipforge.contracts.Evaluation;
import dev.quipforge.contracts.Figures;
import dev.quipforge.contracts.PublishModel;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.ModelPublished;
import dev.quipforge.kit.artifact.Artifact;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.artifact.CachedDirectory;
import dev.quipforge.kit.artifact.ScratchDirectory;
import dev.quipforge.kit.task.TaskContext;
import dev.quipforge.kit.task.TaskHandler;
import dev.quipforge.kit.task.TaskResults;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.checkpoint.Checksums;
import dev.quipforge.llm.checkpoint.ModelCard;
import dev.quipforge.llm.checkpoint.ModelFigures;
import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.evaluation.Comparison;
import dev.quipforge.llm.evaluation.Perplexity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Adds the model card and, last of all, the checksums that make a checkpoint complete. */
final class PublishModelHandler implements TaskHandler<PublishModel> {

    private static final Set<String> WRITTEN_HERE = Set.of(ModelCard.FILE, Checksums.FILE);

    private final ArtifactStore store;
    private final ArtifactCache cache;
    private final TaskResults results;

    PublishModelHandler(ArtifactStore store, ArtifactCache cache, TaskResults results) {
        this.store = store;
        this.cache = cache;
        this.results = results;
    }

    @Override
    public Class<PublishModel> type() {
        return PublishModel.class;
    }

    @Override
    public TaskResult handle(PublishModel task, TaskContext context) throws IOException {
        return results.computeOnce(
                "published/" + task.checkpoint(), ModelPublished.class, () -> publish(task, context));
    }

    private ModelPublished publish(PublishModel task, TaskContext context) throws IOException {
        try (CachedDirectory files = cache.open(task.checkpoint());
                ScratchDirectory scratch = cache.scratch()) {
            linkAll(files.path(), scratch.path());
            ModelCard.write(
                    scratch.path(),
                    task.name(),
                    scheme(files.path()),
                    Recipes.mode(task.tuning()),
                    figures(task.figures()));
            putOrTakeOver(task.checkpoint(), scratch.path().resolve(ModelCard.FILE));
            context.progress(0.3, "hashing the checkpoint");
            Checksums.write(scratch.path());
            store.put(task.checkpoint() + "/" + Checksums.FILE, scratch.path().resolve(Checksums.FILE));
        }
        List<Artifact> published = store.list(task.checkpoint() + "/");
        return new ModelPublished(
                task.checkpoint(),
                published.size(),
                published.stream().mapToLong(Artifact::bytes).sum());
    }

    /** How the checkpoint says that it was quantized: with paths in place of globs. */
    private static QuantizationScheme scheme(Path checkpoint) {
        return ConfigReader.read(checkpoint)
                .quantization()
                .orElseThrow(() -> new InvalidModelException(
                        ConfigReader.FILE, "no quantization_config (expected: that of a checkpoint)"));
    }

    /** A directory that looks like the cached one and can be written. */
    private static void linkAll(Path from, Path to) throws IOException {
        List<Path> files;
        try (Stream<Path> listed = Files.list(from)) {
            files = listed.filter(
                            file -> !WRITTEN_HERE.contains(file.getFileName().toString()))
                    .toList();
        }
        for (Path file : files) {
            Files.createSymbolicLink(to.resolve(file.getFileName()), file);
        }
    }

    /** An earlier attempt may have stored a file already; then that is the one the checksums must speak of. */
    private void putOrTakeOver(String prefix, Path file) {
        String key = prefix + "/" + file.getFileName();
        if (!store.put(key, file)) {
            store.download(key, file);
        }
    }

    private static ModelFigures figures(Figures figures) {
        return new ModelFigures(
                figures.originalBytes(),
                figures.quantizedBytes(),
                linears(figures),
                figures.bitsPerWeight(),
                figures.meanProxyLoss(),
                Optional.ofNullable(figures.evaluation()).map(PublishModelHandler::comparison));
    }

    private static Optional<ModelFigures.Linears> linears(Figures figures) {
        Long bytes = figures.linearBytes();
        Long parameters = figures.parameters();
        return bytes == null || parameters == null
                ? Optional.empty()
                : Optional.of(new ModelFigures.Linears(bytes, parameters));
    }

    private static Comparison comparison(Evaluation evaluation) {
        return new Comparison(
                perplexity(evaluation, evaluation.originalPerplexity()),
                perplexity(evaluation, evaluation.quantizedPerplexity()),
                evaluation.meanDivergence(),
                evaluation.topAgreement());
    }

    private static Perplexity perplexity(Evaluation evaluation, double value) {
        Integer specialTokens = evaluation.specialTokens();
        return new Perplexity(
                value,
                evaluation.tokens(),
                evaluation.windows(),
                evaluation.window(),
                specialTokens == null ? 0 : specialTokens);
    }
}
