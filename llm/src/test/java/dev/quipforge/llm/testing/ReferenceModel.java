package dev.quipforge.llm.testing;

import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One of the small trained models of this project's test resources, with what Hugging Face Transformers 5.17 computed with it:
 * token ids of two texts, their logits in fp32, and 24 tokens that it continued the first 24 of each with.
 *
 * @param directory the model
 * @param golden {@code golden.safetensors}
 */
public record ReferenceModel(Path directory, Path golden) {

    /** The names of all of them. */
    public static final List<String> NAMES = List.of(
            "cohere2",
            "deepseek_v3",
            "gemma2",
            "gemma3",
            "glm4",
            "gpt_oss",
            "granite",
            "llama-linear",
            "llama-yarn",
            "llama3",
            "mistral",
            "mixtral",
            "olmo2",
            "olmoe",
            "phi3",
            "qwen2",
            "qwen3",
            "qwen3_moe",
            "smollm3");

    /** Writes one to {@code directory}. */
    public static ReferenceModel write(String name, Path directory) {
        Path model = directory.resolve(name);
        copy(name + "/config.json", model.resolve("config.json"));
        copy(name + "/model.safetensors", model.resolve("model.safetensors"));
        copy("tokenizer.json", model.resolve("tokenizer.json"));
        copy("tokenizer_config.json", model.resolve("tokenizer_config.json"));
        copy(name + "/golden.safetensors", directory.resolve("golden-" + name + ".safetensors"));
        return new ReferenceModel(model, directory.resolve("golden-" + name + ".safetensors"));
    }

    private static void copy(String resource, Path target) {
        try (InputStream stream = ReferenceModel.class.getResourceAsStream("/architectures/" + resource)) {
            Files.createDirectories(Objects.requireNonNull(target.getParent()));
            Files.copy(Objects.requireNonNull(stream, resource), target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The two texts. */
    public List<int[]> texts() {
        return rows("input_ids");
    }

    /** Both continued. */
    public List<int[]> greedy() {
        return rows("greedy");
    }

    private List<int[]> rows(String tensor) {
        try (SafetensorsFile file = SafetensorsFile.open(golden)) {
            Tensor ids = file.tensor(tensor);
            int length = Math.toIntExact(ids.shape().get(1));
            long[] all = ids.longs();
            List<int[]> rows = new ArrayList<>();
            for (int first = 0; first < all.length; first += length) {
                int[] row = new int[length];
                for (int i = 0; i < length; i++) {
                    row[i] = Math.toIntExact(all[first + i]);
                }
                rows.add(row);
            }
            return rows;
        }
    }

    /** The logits of both texts below each other, [80 × 512]. */
    public float[] logits() {
        try (SafetensorsFile file = SafetensorsFile.open(golden)) {
            return file.tensor("logits").floats();
        }
    }
}
