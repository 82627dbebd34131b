package dev.quipforge.calibration;

import dev.quipforge.kit.artifact.Digests;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.model.ModelDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files of a model that are taken in: weights, configuration, tokenizer. Nothing else of the directory is, above all no
 * code and no pickles.
 *
 * @param files path by name, in the order of the names
 * @param checksums a line {@code <sha256>  <name>} for each file, in that order, as {@code sha256sum} writes them
 */
record ModelFiles(SortedMap<String, Path> files, String checksums) {

    /** Name of the list of checksums; a model that has it in the store is complete. */
    static final String CHECKSUMS = "SHA256SUMS";

    private static final List<String> BESIDE_WEIGHTS = List.of(
            "config.json",
            "generation_config.json",
            "model.safetensors.index.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "tokenizer.model",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "merges.txt",
            "chat_template.jinja",
            "chat_template.json",
            "LICENSE",
            "LICENSE.txt",
            "NOTICE");

    /** Finds and hashes the files. */
    static ModelFiles of(ModelDirectory model, Progress progress) throws IOException {
        SortedMap<String, Path> files = new TreeMap<>();
        for (Path file : model.weightFiles()) {
            files.put(file.getFileName().toString(), file);
        }
        for (String name : BESIDE_WEIGHTS) {
            Path file = model.path().resolve(name);
            if (Files.isRegularFile(file)) {
                files.put(name, file);
            }
        }
        return new ModelFiles(files, checksums(files, progress));
    }

    private static String checksums(SortedMap<String, Path> files, Progress progress) throws IOException {
        StringBuilder lines = new StringBuilder();
        int done = 0;
        for (var file : files.entrySet()) {
            progress.update((double) done++ / files.size(), "hashing " + file.getKey());
            lines.append(Digests.sha256(file.getValue()))
                    .append("  ")
                    .append(file.getKey())
                    .append('\n');
        }
        return lines.toString();
    }

    /** What the model is called by: the SHA-256 of its checksums. */
    String digest() {
        return Digests.sha256(checksums.getBytes(StandardCharsets.UTF_8));
    }
}
