package dev.quipforge.llm.testing;

import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.config.ModelConfig;
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
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Models of the shape of real ones, with random weights: for measurements. */
public final class LargeModels {

    private static final long PART = 1L << 22;

    private static final String BLOCKS = "model.layers.";

    private LargeModels() {}

    /** Llama-3-8B's shape with tied embeddings and {@code blocks} blocks, in bf16, a file a block. */
    public static void writeLlama8b(Path directory, int blocks) throws IOException {
        Map<String, Object> config = TestModels.config();
        config.put("hidden_size", 4096);
        config.put("intermediate_size", 14336);
        config.put("num_hidden_layers", blocks);
        config.put("num_attention_heads", 32);
        config.put("num_key_value_heads", 8);
        config.put("vocab_size", 128256);
        config.put("max_position_embeddings", 8192);
        config.put("rope_theta", 500000.0);
        config.put("tie_word_embeddings", true);
        TestModels.writeConfig(directory, config);
        Map<String, List<Long>> shapes = shapes(ConfigReader.read(directory));
        Map<String, Object> files = new LinkedHashMap<>();
        IntStream.rangeClosed(0, blocks).parallel().forEach(part -> {
            String file = "model-%05d.safetensors".formatted(part);
            List<String> names = shapes.keySet().stream()
                    .filter(name -> part(name, blocks) == part)
                    .toList();
            try (Arena arena = Arena.ofShared()) {
                List<Tensor> tensors = new ArrayList<>();
                for (String name : names) {
                    tensors.add(tensor(arena, name, Objects.requireNonNull(shapes.get(name))));
                }
                SafetensorsWriter.write(directory.resolve(file), Map.of("format", "pt"), tensors);
            }
            synchronized (files) {
                names.forEach(name -> files.put(name, file));
            }
        });
        Files.writeString(
                directory.resolve("model.safetensors.index.json"),
                StrictJson.write(Map.of("metadata", Map.of(), "weight_map", files), false));
    }

    private static Map<String, List<Long>> shapes(ModelConfig config) {
        long hidden = config.sizes().hidden();
        Layout layout = new Layout(config);
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        shapes.put(Layout.EMBEDDING, List.of((long) config.sizes().vocabulary(), hidden));
        shapes.put(Layout.FINAL_NORM, List.of(hidden));
        for (int block = 0; block < config.sizes().blocks(); block++) {
            shapes.put(Layout.attentionNorm(block), List.of(hidden));
            shapes.put(Layout.mlpNorm(block), List.of(hidden));
        }
        layout.groups().stream()
                .flatMap(group -> group.linears().stream())
                .forEach(linear ->
                        shapes.put(linear + ".weight", layout.shape(linear).asList()));
        return shapes;
    }

    private static int part(String name, int blocks) {
        return name.startsWith(BLOCKS)
                ? Integer.parseInt(name.substring(BLOCKS.length()).replaceAll("\\..*", ""))
                : blocks;
    }

    /** Norms of 1; else draws of N(0, 1 / columns), of which there are 65,536 different ones. */
    private static Tensor tensor(Arena arena, String name, List<Long> shape) {
        long elements = shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
        MemorySegment data = arena.allocate(elements * Short.BYTES, 64);
        boolean norm = shape.size() == 1;
        double deviation = 1 / Math.sqrt(shape.getLast());
        SplittableRandom random = new SplittableRandom(name.hashCode());
        short[] draws = new short[1 << 16];
        for (int i = 0; i < draws.length; i++) {
            float value = norm ? 1 : (float) (random.nextGaussian() * deviation);
            draws[i] = (short) (Float.floatToIntBits(value) >>> Short.SIZE);
        }
        LongStream.range(0, Math.ceilDiv(elements, PART)).parallel().forEach(part -> {
            SplittableRandom own = new SplittableRandom(name.hashCode() * 1_000_003L + part);
            long end = Math.min(elements, (part + 1) * PART);
            for (long i = part * PART; i < end; i++) {
                data.setAtIndex(ValueLayout.JAVA_SHORT, i, draws[(int) (own.nextLong() >>> 48)]);
            }
        });
        return new Tensor(name, DataType.BF16, shape, data);
    }
}
