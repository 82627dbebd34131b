package dev.quipforge.benchmarks;

import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.model.Layout;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A model of the shape of a real one, with random weights in bf16 and tied embeddings.
 *
 * @param shape widths of a block
 * @param blocks number of blocks
 * @param vocabulary number of tokens
 */
record RandomModel(BlockShape shape, int blocks, int vocabulary) {

    /** Elements that one task draws. */
    private static final long PART = 1L << 22;

    /** Different draws: the upper half of a random number picks one. */
    private static final int DRAWS = 1 << 16;

    private static final String BLOCKS = "model.layers.";

    /** Of one word: its windows are drawn as tokens. */
    private static final Map<String, Object> TOKENIZER =
            Map.of("version", "1.0", "model", Map.of("type", "WordLevel", "vocab", Map.of("a", 0), "unk_token", "a"));

    /** Writes it as a Hugging Face directory, a file a block. */
    void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("config.json"), StrictJson.write(config(), true));
        Files.writeString(directory.resolve("tokenizer.json"), StrictJson.write(TOKENIZER, true));
        Map<String, List<Long>> shapes = new Layout(ConfigReader.read(directory).architecture()).denseTensors();
        Map<String, Object> files = new TreeMap<>();
        for (String name : shapes.keySet()) {
            files.put(name, file(part(name)));
        }
        IntStream.rangeClosed(0, blocks).parallel().forEach(part -> writePart(directory, part, shapes));
        Files.writeString(
                directory.resolve("model.safetensors.index.json"),
                StrictJson.write(Map.of("metadata", Map.of(), "weight_map", files), false));
    }

    private void writePart(Path directory, int part, Map<String, List<Long>> shapes) {
        try (Arena arena = Arena.ofShared()) {
            List<Tensor> tensors = new ArrayList<>();
            for (Map.Entry<String, List<Long>> entry : shapes.entrySet()) {
                if (part(entry.getKey()) == part) {
                    tensors.add(tensor(arena, entry.getKey(), Objects.requireNonNull(entry.getValue())));
                }
            }
            SafetensorsWriter.write(directory.resolve(file(part)), Map.of("format", "pt"), tensors);
        }
    }

    private static String file(int part) {
        return "model-%05d.safetensors".formatted(part);
    }

    /** The number of its block; that of all blocks for what is in none. */
    private int part(String name) {
        return name.startsWith(BLOCKS)
                ? Integer.parseInt(name.substring(BLOCKS.length()).replaceAll("\\..*", ""))
                : blocks;
    }

    private Map<String, Object> config() {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("architectures", List.of("LlamaForCausalLM"));
        config.put("model_type", "llama");
        config.put("hidden_size", shape.hidden());
        config.put("intermediate_size", shape.inner());
        config.put("num_hidden_layers", blocks);
        config.put("num_attention_heads", shape.heads());
        config.put("num_key_value_heads", shape.keyValueHeads());
        config.put("head_dim", shape.headWidth());
        config.put("vocab_size", vocabulary);
        config.put("max_position_embeddings", 8192);
        config.put("rms_norm_eps", 1e-5);
        config.put("rope_theta", 500000.0);
        config.put("tie_word_embeddings", true);
        config.put("torch_dtype", "bfloat16");
        return config;
    }

    /** Norms of 1; else draws of N(0, 1 / columns). */
    private static Tensor tensor(Arena arena, String name, List<Long> shape) {
        long elements = shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
        MemorySegment data = arena.allocate(elements * Short.BYTES, 64);
        short[] draws = draws(shape.size() == 1, 1 / Math.sqrt(shape.getLast()));
        LongStream.range(0, Math.ceilDiv(elements, PART)).parallel().forEach(part -> {
            SplittableRandom own = new SplittableRandom(name.hashCode() * 1_000_003L + part);
            long end = Math.min(elements, (part + 1) * PART);
            for (long i = part * PART; i < end; i++) {
                data.setAtIndex(ValueLayout.JAVA_SHORT, i, draws[(int) (own.nextLong() >>> 48)]);
            }
        });
        return new Tensor(name, DataType.BF16, shape, data);
    }

    private static short[] draws(boolean ones, double deviation) {
        SplittableRandom random = new SplittableRandom(DRAWS);
        short[] draws = new short[DRAWS];
        for (int i = 0; i < DRAWS; i++) {
            float value = ones ? 1 : (float) (random.nextGaussian() * deviation);
            draws[i] = (short) (Float.floatToIntBits(value) >>> Short.SIZE);
        }
        return draws;
    }
}
