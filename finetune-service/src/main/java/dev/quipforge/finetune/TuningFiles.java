package dev.quipforge.finetune;

import dev.quipforge.contracts.Activations;
import dev.quipforge.contracts.TuningFigures;
import dev.quipforge.kit.artifact.ArtifactException;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.artifact.CachedDirectory;
import dev.quipforge.llm.tuning.TuningReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What both kinds of tuning have in common: files that come, and figures that go. */
final class TuningFiles {

    private TuningFiles() {}

    /** Fetches entries to {@code scratch}, called {@code name}, in order. */
    static List<Path> fetch(ArtifactStore store, List<String> keys, Path scratch, String name) {
        List<Path> files = new ArrayList<>();
        for (String key : keys) {
            Path file = scratch.resolve("%s-%d.safetensors".formatted(name, files.size()));
            store.download(key, file);
            files.add(file);
        }
        return files;
    }

    /** Prefix of the hidden states at one boundary. */
    static String boundary(Activations activations, int boundary) {
        return activations.prefix() + "/" + boundary;
    }

    /** The files of all shards at the boundary that was opened. */
    static List<Path> shards(Activations activations, CachedDirectory boundary) {
        List<Path> files = new ArrayList<>();
        for (String shard : activations.shards()) {
            Path file = boundary.path().resolve(shard + ".safetensors");
            if (!Files.exists(file)) {
                throw new ArtifactException(activations.prefix(), shard + ": not among the hidden states");
            }
            files.add(file);
        }
        return files;
    }

    /** The report in a message. */
    static TuningFigures figures(TuningReport report) {
        return new TuningFigures(
                report.name(),
                report.lossBefore(),
                report.lossAfter(),
                report.curve(),
                report.trainingWindows(),
                report.validationWindows(),
                report.seconds());
    }
}
