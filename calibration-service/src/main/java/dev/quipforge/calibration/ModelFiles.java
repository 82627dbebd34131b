package dev.quipforge.calibration;

import dev.quipforge.kit.artifact.Digests;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.model.ModelDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files of a model that are taken in: weights, configuration, tokenizer. Nothing else of the directory is, above all no
 * code and no pickles.
 *
 * @param files path by name, in the order of the names
 * @param digest SHA-256 of a line {@code <sha256>  <name>\n} for each file, in that order
 */
record ModelFiles(SortedMap<String, Path> files, String digest) {

    private static final String[] BESIDE_WEIGHTS = {
        "config.json",
        "generation_config.json",
        "model.safetensors.index.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "chat_template.jinja",
        "LICENSE"
    };

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
        return new ModelFiles(files, digest(files, progress));
    }

    private static String digest(SortedMap<String, Path> files, Progress progress) throws IOException {
        MessageDigest digest = Digests.sha256();
        int done = 0;
        for (var file : files.entrySet()) {
            progress.update((double) done++ / files.size(), "hashing " + file.getKey());
            String line = Digests.sha256(file.getValue()) + "  " + file.getKey() + "\n";
            digest.update(line.getBytes(StandardCharsets.UTF_8));
        }
        return Digests.hex(digest);
    }
}
