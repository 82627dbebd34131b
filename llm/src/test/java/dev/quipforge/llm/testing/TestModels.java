package dev.quipforge.llm.testing;

import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.config.ModelConfig;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.model.Layout;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Hugging Face directories of Llama models small enough to quantize in a test. */
public final class TestModels {

    private static final int VOCABULARY = 272;

    private TestModels() {}

    /** The demo model of this repository, wherever in it the test runs. */
    public static Path demo() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("demo/model"))) {
                return at.resolve("demo");
            }
        }
        throw new IllegalStateException(
                "demo/model: not found above " + Path.of("").toAbsolutePath());
    }

    /** The fields of a {@code config.json} for a model of two blocks: hidden 64, MLP 96, 4 heads over 2, 272 tokens. */
    public static Map<String, Object> config() {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("architectures", List.of("LlamaForCausalLM"));
        config.put("model_type", "llama");
        config.put("hidden_size", 64);
        config.put("intermediate_size", 96);
        config.put("num_hidden_layers", 2);
        config.put("num_attention_heads", 4);
        config.put("num_key_value_heads", 2);
        config.put("vocab_size", VOCABULARY);
        config.put("max_position_embeddings", 256);
        config.put("rms_norm_eps", 1e-5);
        config.put("rope_theta", 10000.0);
        config.put("tie_word_embeddings", false);
        config.put("eos_token_id", 256);
        config.put("torch_dtype", "bfloat16");
        return config;
    }

    /** A tiny model with random bf16 weights that {@code seed} decides, written to {@code directory}. */
    public static Path tiny(Path directory, long seed) {
        return write(directory, config(), seed);
    }

    /** As {@link #tiny}, with these fields of {@code config.json}, which must be good. */
    public static Path write(Path directory, Map<String, Object> config, long seed) {
        writeConfig(directory, config);
        SafetensorsWriter.write(
                directory.resolve("model.safetensors"),
                Map.of("format", "pt"),
                weights(ConfigReader.read(directory), seed));
        return directory;
    }

    /** Writes {@code config.json}, good or not, and the tokenizer of {@link #tiny}. */
    public static void writeConfig(Path directory, Map<String, Object> config) {
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("config.json"), StrictJson.write(config, true));
            Files.writeString(directory.resolve("tokenizer.json"), StrictJson.write(byteTokenizer(), false));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Random weights for a configuration: norms near 1, everything else of variance 1 / columns. */
    public static List<Tensor> weights(ModelConfig config, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Layout layout = new Layout(config.architecture());
        Architecture.Head head = config.architecture().head();
        List<Tensor> tensors = new ArrayList<>();
        layout.denseTensors().forEach((name, shape) -> {
            if (shape.size() == 1) {
                tensors.add(norm(name, shape.getFirst(), random));
            } else {
                double columns = shape.getLast();
                double variance = name.equals(config.architecture().embedding().tensor())
                        ? 1
                        : (name.equals(head.tensor()) ? 4 : 1) / columns;
                tensors.add(gaussian(name, shape, Math.sqrt(variance), random));
            }
        });
        return tensors;
    }

    /** Text of {@code characters} printable characters that {@code seed} decides; one token a character for {@link #tiny}. */
    public static String text(int characters, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < characters; i++) {
            text.append((char) random.nextInt('a', 'z' + 1));
        }
        return text.toString();
    }

    private static Tensor norm(String name, long width, SplittableRandom random) {
        return bfloat16(name, List.of(width), random, 0.1, 1);
    }

    private static Tensor gaussian(String name, List<Long> shape, double deviation, SplittableRandom random) {
        return bfloat16(name, shape, random, deviation, 0);
    }

    private static Tensor bfloat16(
            String name, List<Long> shape, SplittableRandom random, double deviation, double mean) {
        int count = Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
        byte[] bytes = new byte[count * 2];
        for (int i = 0; i < count; i++) {
            int bits = Float.floatToIntBits((float) (mean + deviation * random.nextGaussian()));
            bytes[2 * i] = (byte) (bits >>> 16);
            bytes[2 * i + 1] = (byte) (bits >>> 24);
        }
        return new Tensor(name, DataType.BF16, shape, MemorySegment.ofArray(bytes));
    }

    /** A byte-level BPE without merges: one token a byte, and {@code <|endoftext|>} as token 256. */
    private static Map<String, Object> byteTokenizer() {
        Map<String, Object> vocabulary = new LinkedHashMap<>();
        int shifted = 256;
        for (int value = 0; value < 256; value++) {
            boolean printable = (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xAC) || value >= 0xAE;
            vocabulary.put(Character.toString(printable ? value : shifted++), value);
        }
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("type", "BPE");
        model.put("vocab", vocabulary);
        model.put("merges", List.of());
        Map<String, Object> byteLevel =
                Map.of("type", "ByteLevel", "add_prefix_space", false, "trim_offsets", true, "use_regex", true);
        Map<String, Object> end = new LinkedHashMap<>();
        end.put("id", 256);
        end.put("content", "<|endoftext|>");
        for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
            end.put(flag, false);
        }
        end.put("special", true);
        Map<String, Object> tokenizer = new LinkedHashMap<>();
        tokenizer.put("version", "1.0");
        tokenizer.put("added_tokens", List.of(end));
        tokenizer.put("pre_tokenizer", byteLevel);
        tokenizer.put("decoder", byteLevel);
        tokenizer.put("model", model);
        return tokenizer;
    }
}
