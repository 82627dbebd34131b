package dev.quipforge.cli;

import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import dev.quipforge.llm.testing.TestModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Model directories that are wrong in one way each. */
enum BadModels {
    NO_CONFIG("config.json: not found in") {
        @Override
        void spoil(Path model) throws IOException {
            Files.delete(model.resolve("config.json"));
        }
    },
    UNSUPPORTED_ARCHITECTURE("config.json: model_type: \"gpt2\" (expected: one of [cohere2, ") {
        @Override
        void spoil(Path model) {
            Map<String, Object> config = TestModels.config();
            config.put("model_type", "gpt2");
            TestModels.writeConfig(model, config);
        }
    },
    MISSING_SHARD("model-00002-of-00002.safetensors: shard is missing") {
        @Override
        void spoil(Path model) throws IOException {
            Files.writeString(
                    model.resolve("model.safetensors.index.json"),
                    "{\"weight_map\":{\"model.norm.weight\":\"model-00002-of-00002.safetensors\"}}");
        }
    },
    LYING_HEADER("model.safetensors: header of 1099511627776 bytes (expected:") {
        @Override
        void spoil(Path model) throws IOException {
            byte[] bytes = Files.readAllBytes(model.resolve(WEIGHTS));
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(1L << 40);
            Files.write(model.resolve(WEIGHTS), bytes);
        }
    },
    OVERLAPPING_OFFSETS("model.safetensors: b: begins at byte 4 inside another tensor") {
        @Override
        void spoil(Path model) throws IOException {
            header(
                    model,
                    "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
                            + "'b':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}}");
        }
    },
    OFFSETS_OUTSIDE("model.safetensors: a: data_offsets: [0,64] (expected:") {
        @Override
        void spoil(Path model) throws IOException {
            header(model, "{'a':{'dtype':'F32','shape':[16],'data_offsets':[0,64]}}");
        }
    },
    UNREADABLE_TYPE("model.safetensors: a: dtype: \"F8_E8M0\" (expected: one of") {
        @Override
        void spoil(Path model) throws IOException {
            header(model, "{'a':{'dtype':'F8_E8M0','shape':[12],'data_offsets':[0,12]}}");
        }
    },
    NOT_A_NUMBER("model.layers.1.mlp.up_proj.weight: NaN at element 77 (expected: finite numbers)") {
        @Override
        void spoil(Path model) throws IOException {
            set(model, Float.NaN);
        }
    },
    INFINITE("model.layers.1.mlp.up_proj.weight: Infinity at element 77 (expected: finite numbers)") {
        @Override
        void spoil(Path model) throws IOException {
            set(model, Float.POSITIVE_INFINITY);
        }
    },
    SMALL_VOCABULARY("tokenizer.json: token id 256 (expected: less than the vocab_size 256)") {
        @Override
        void spoil(Path model) {
            Map<String, Object> config = TestModels.config();
            config.put("vocab_size", 256);
            config.put("eos_token_id", 255);
            TestModels.write(model, config, 1);
        }
    };

    private static final String WEIGHTS = "model.safetensors";

    private final String message;

    BadModels(String message) {
        this.message = message;
    }

    /** How the message about it begins. */
    String message() {
        return message;
    }

    /** Writes the bad model. */
    Path write(Path directory) throws IOException {
        TestModels.tiny(directory, 1);
        spoil(directory);
        return directory;
    }

    abstract void spoil(Path model) throws IOException;

    /** Replaces the weights by 12 bytes of data under {@code json}. */
    private static void header(Path model, String json) throws IOException {
        byte[] header = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(Long.BYTES + header.length + 12).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(header.length).put(header);
        Files.write(model.resolve(WEIGHTS), file.array());
    }

    private static void set(Path model, float value) throws IOException {
        Path draft = model.resolve("draft.safetensors");
        try (SafetensorsFile weights = SafetensorsFile.open(model.resolve(WEIGHTS))) {
            List<Tensor> tensors = weights.names().stream()
                    .map(name -> spoil(weights.tensor(name), value))
                    .toList();
            SafetensorsWriter.write(draft, Map.of(), tensors);
        }
        Files.delete(model.resolve(WEIGHTS));
        Files.move(draft, model.resolve(WEIGHTS));
    }

    private static Tensor spoil(Tensor tensor, float value) {
        if (!tensor.name().equals("model.layers.1.mlp.up_proj.weight")) {
            return tensor;
        }
        float[] values = tensor.floats();
        values[77] = value;
        return Tensors.ofFloats(tensor.name(), tensor.shape(), values);
    }
}
