package dev.quipforge.benchmarks;

import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.model.Layout;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model with random weights in bf16.
 *
 * @param config the fields of its {@code config.json}
 */
record RandomModel(Map<String, Object> config) {

    private static final String BLOCKS = "model.layers.";

    /** The file of what is in no block. */
    private static final String OTHERS = "model-others.safetensors";

    /** Of one word: its windows are drawn as tokens. */
    private static final Map<String, Object> TOKENIZER =
            Map.of("version", "1.0", "model", Map.of("type", "WordLevel", "vocab", Map.of("a", 0), "unk_token", "a"));

    /** Writes {@code config.json} alone. */
    void writeConfig(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve(ConfigReader.FILE), StrictJson.write(config, true));
    }

    /** Writes it as a Hugging Face directory, a file a block; in memory are a few tens of megabytes at once. */
    void write(Path directory) throws IOException {
        writeConfig(directory);
        Files.writeString(directory.resolve("tokenizer.json"), StrictJson.write(TOKENIZER, true));
        Map<String, List<Long>> shapes = new Layout(ConfigReader.read(directory).architecture()).denseTensors();
        Map<String, Object> files = new TreeMap<>();
        Map<String, List<RandomTensor>> tensors = new TreeMap<>();
        shapes.forEach((name, shape) -> {
            files.put(name, file(name));
            tensors.computeIfAbsent(file(name), _ -> new ArrayList<>()).add(new RandomTensor(name, shape));
        });
        tensors.forEach((file, own) -> SafetensorsWriter.write(directory.resolve(file), Map.of("format", "pt"), own));
        Files.writeString(
                directory.resolve("model.safetensors.index.json"),
                StrictJson.write(Map.of("metadata", Map.of(), "weight_map", files), false));
    }

    private static String file(String tensor) {
        return tensor.startsWith(BLOCKS)
                ? "model-%05d.safetensors"
                        .formatted(Integer.parseInt(
                                tensor.substring(BLOCKS.length()).replaceAll("\\..*", "")))
                : OTHERS;
    }
}
