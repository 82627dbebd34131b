package dev.quipforge.calibration;

import dev.quipforge.contracts.ImportModel;
import dev.quipforge.contracts.ImportModel.CalibrationSource;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.ModelImported;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.artifact.Digests;
import dev.quipforge.kit.artifact.ScratchDirectory;
import dev.quipforge.kit.task.TaskContext;
import dev.quipforge.kit.task.TaskHandler;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.calibration.CalibrationWindows;
import dev.quipforge.llm.config.GroupNames;
import dev.quipforge.llm.generation.SelfGeneration;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.tokenizer.TextWindows;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks a model, stores it under the digest of its files, stores the texts under theirs, and cuts the calibration windows, or
 * checks that the model can write them. All names are made of content, so a second import finds everything there.
 */
final class ImportModelHandler implements TaskHandler<ImportModel> {

    private final AllowedRoots roots;
    private final ArtifactStore store;
    private final ArtifactCache cache;

    ImportModelHandler(AllowedRoots roots, ArtifactStore store, ArtifactCache cache) {
        this.roots = roots;
        this.store = store;
        this.cache = cache;
    }

    @Override
    public Class<ImportModel> type() {
        return ImportModel.class;
    }

    @Override
    public TaskResult handle(ImportModel task, TaskContext context) throws IOException {
        Progress progress = context::progress;
        Path directory = roots.resolve("directory", task.directory());
        byte[] calibrationText = text("calibration.text", task.calibration().text());
        byte[] evaluationText = text("evaluationText", task.evaluationText());
        try (ModelDirectory model = ModelDirectory.open(directory)) {
            requireDense(model);
            GroupNames.resolve(task.overrides() == null ? List.of() : task.overrides(), model.linearGroups());
            CalibrationWindows windows = windows(model, calibrationText, task.calibration());
            requireWindow(model, evaluationText);
            model.checkFinite(progress.part(0, 0.4));
            ModelFiles files = ModelFiles.of(model, progress.part(0.4, 0.6));
            requireInside(files);
            String prefix = storeModel(files, progress.part(0.6, 0.95));
            Texts texts = new Texts(storeWindows(windows), samples(windows, task), storeText(evaluationText));
            storeText(calibrationText);
            return result(task, model, files, prefix, texts);
        }
    }

    private static void requireDense(ModelDirectory model) {
        if (model.config().quantization().isPresent()) {
            throw new InvalidModelException("config.json", "quantization_config (expected: a model in full precision)");
        }
    }

    /** The windows of the text; null without a text, when the model can write them. */
    private static @Nullable CalibrationWindows windows(
            ModelDirectory model, byte @Nullable [] text, CalibrationSource source) {
        int context = model.config().context();
        if (source.context() > context) {
            throw new InvalidModelException(
                    "calibration.context", source.context() + " (expected: at most " + context + " of this model)");
        }
        if (text == null) {
            SelfGeneration.check(model.config(), model.tokenizer().prefix(), source.context());
            return null;
        }
        return CalibrationWindows.cut(
                model.tokenizer(), new String(text, StandardCharsets.UTF_8), source.samples(), source.context());
    }

    /** A text that cannot be evaluated, not even in the shortest windows, should fail now and not after hours of work. */
    private static void requireWindow(ModelDirectory model, byte @Nullable [] evaluationText) {
        if (evaluationText != null) {
            String text = new String(evaluationText, StandardCharsets.UTF_8);
            TextWindows.cut(model.tokenizer(), text, TextWindows.least(model.tokenizer()), "evaluationText");
        }
    }

    private byte @Nullable [] text(String field, @Nullable String path) throws IOException {
        if (path == null) {
            return null;
        }
        Path file = roots.resolve(field, path);
        if (!Files.isRegularFile(file)) {
            throw new InvalidModelException(field, path + " (expected: a file)");
        }
        byte[] content = Files.readAllBytes(file);
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content));
        } catch (CharacterCodingException e) {
            throw new InvalidModelException(field, path + " is not UTF-8 (expected: a UTF-8 text)", e);
        }
        return content;
    }

    private void requireInside(ModelFiles files) {
        for (Map.Entry<String, Path> file : files.files().entrySet()) {
            roots.resolve(file.getKey(), file.getValue().toString());
        }
    }

    private String storeModel(ModelFiles files, Progress progress) {
        String prefix = "models/" + files.digest();
        int done = 0;
        for (Map.Entry<String, Path> file : files.files().entrySet()) {
            progress.update((double) done++ / files.files().size(), "storing " + file.getKey());
            store.put(prefix + "/" + file.getKey(), file.getValue());
        }
        store.put(prefix + "/" + ModelFiles.CHECKSUMS, files.checksums().getBytes(StandardCharsets.UTF_8));
        return prefix;
    }

    private @Nullable String storeWindows(@Nullable CalibrationWindows windows) throws IOException {
        if (windows == null) {
            return null;
        }
        try (ScratchDirectory scratch = cache.scratch()) {
            Path file = scratch.path().resolve("tokens.safetensors");
            windows.write(file);
            String key = "calibration/" + Digests.sha256(file) + "/tokens.safetensors";
            store.put(key, file);
            return key;
        }
    }

    private static int samples(@Nullable CalibrationWindows windows, ImportModel task) {
        return windows == null ? task.calibration().samples() : windows.samples();
    }

    private @Nullable String storeText(byte @Nullable [] text) {
        if (text == null) {
            return null;
        }
        String key = "texts/" + Digests.sha256(text) + ".txt";
        store.put(key, text);
        return key;
    }

    /** The last part of the path as the job wrote it, which may be a link with a better name than its target. */
    private static String name(ImportModel task) {
        return String.valueOf(
                Path.of(task.directory()).toAbsolutePath().normalize().getFileName());
    }

    private static ModelImported result(
            ImportModel task, ModelDirectory model, ModelFiles files, String prefix, Texts texts) {
        return new ModelImported(
                files.digest(),
                prefix,
                name(task),
                model.parameters(),
                model.weightBytes(),
                null,
                BlockRanges.of(model.config().architecture()),
                texts.tokens(),
                texts.samples(),
                task.calibration().context(),
                texts.evaluation());
    }

    /** Where the texts are, and how many calibration windows there are or will be. */
    private record Texts(
            @Nullable String tokens, int samples, @Nullable String evaluation) {}
}
