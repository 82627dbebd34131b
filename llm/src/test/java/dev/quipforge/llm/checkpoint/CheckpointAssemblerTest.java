package dev.quipforge.llm.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.json.JsonFields;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.model.LinearGroup;
import dev.quipforge.llm.model.LinearShape;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.quantization.QuantizationSettings;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.ShardedSafetensors;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import dev.quipforge.llm.testing.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointAssemblerTest {

    private static final QuantizationSettings SETTINGS = new QuantizationSettings("qtip", "3inst", 2, "seam", 42);

    @TempDir
    Path directory;

    @Test
    void whatIsAssembledOpensAndKeepsEverythingElseAsItWas() throws IOException {
        Path model = TestModels.tiny(directory.resolve("model"), 1);
        Files.writeString(model.resolve("generation_config.json"), "{\"eos_token_id\": 256}");
        Path output = directory.resolve("out");
        try (ModelDirectory original = ModelDirectory.open(model)) {
            long bytes = CheckpointAssembler.assemble(original, groups(original), SETTINGS, output);
            try (ModelDirectory assembled = ModelDirectory.open(output)) {
                assertThat(assembled.weightBytes()).isEqualTo(bytes);
                assertThat(assembled.config().quantization())
                        .contains(new QuantizationConfig("qtip", "3inst", 2, "seam", 42));
                for (String kept : List.of("model.embed_tokens.weight", "model.norm.weight", "lm_head.weight")) {
                    assertThat(assembled.weights().tensor(kept).floats())
                            .containsExactly(original.weights().tensor(kept).floats());
                    assertThat(assembled.weights().tensor(kept).type())
                            .isEqualTo(original.weights().tensor(kept).type());
                }
            }
        }
        assertThat(output.resolve("tokenizer.json")).hasSameBinaryContentAs(model.resolve("tokenizer.json"));
        assertThat(output.resolve("generation_config.json")).exists();
    }

    @Test
    void theConfigKeepsTheOriginalFieldsAndSaysHowItWasQuantized() {
        Path output = directory.resolve("out");
        try (ModelDirectory original = ModelDirectory.open(TestModels.tiny(directory.resolve("model"), 1))) {
            CheckpointAssembler.assemble(original, groups(original), SETTINGS, output);
        }
        JsonFields config = StrictJson.read(output.resolve("config.json"));
        assertThat(config.asMap()).containsAllEntriesOf(TestModels.config());
        assertThat(config.object("quantization_config").asMap())
                .containsEntry("quant_method", "quipforge")
                .containsEntry("code", "3inst")
                .containsEntry("bits", 2)
                .containsEntry("L", 16)
                .containsEntry("seed", 42);
        assertThat(config.object("quip_params").asMap())
                .containsEntry("codebook", "bitshift")
                .containsEntry("decode_mode", "3inst")
                .containsEntry("K", 2);
    }

    @Test
    void aMissingGroupIsNamedByItsFirstTensor() {
        try (ModelDirectory original = ModelDirectory.open(TestModels.tiny(directory.resolve("model"), 1))) {
            List<Path> groups = groups(original).subList(1, 8);
            assertThatExceptionOfType(InvalidModelException.class)
                    .isThrownBy(
                            () -> CheckpointAssembler.assemble(original, groups, SETTINGS, directory.resolve("out")))
                    .withMessage("model.layers.0.self_attn.k_proj.trellis: missing in the quantized groups");
        }
        assertThat(directory.resolve("out")).doesNotExist();
    }

    @Test
    void codesOfAnotherBitWidthThanTheConfigSaysAreRefusedWhenOpened() throws IOException {
        Path output = directory.resolve("out");
        try (ModelDirectory original = ModelDirectory.open(TestModels.tiny(directory.resolve("model"), 1))) {
            CheckpointAssembler.assemble(original, groups(original), SETTINGS, output);
        }
        String config = Files.readString(output.resolve(ConfigReader.FILE));
        Files.writeString(output.resolve(ConfigReader.FILE), config.replace("\"bits\" : 2", "\"bits\" : 3"));
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> ModelDirectory.open(output).close())
                .withMessage("model.layers.0.self_attn.q_proj.trellis: 16 x 32 (expected: 16 x 48)");
        Files.writeString(output.resolve(ConfigReader.FILE), config.replace("\"bits\" : 2", "\"bits\" : 9"));
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> ModelDirectory.open(output).close())
                .withMessage("config.json: quantization_config: bits: 9 (expected: 2, 3 or 4)");
    }

    @Test
    void weightsAreSplitIntoShardsOfBoundedSize() {
        List<Tensor> tensors = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            tensors.add(Tensors.ofFloats("t" + i, List.of(10L), new float[10]));
        }
        assertThat(new ShardPlan(tensors, 100).write(directory)).isEqualTo(200);
        try (ShardedSafetensors read = ShardedSafetensors.open(directory)) {
            assertThat(read.paths())
                    .extracting(path -> path.getFileName().toString())
                    .containsExactly(
                            "model-00001-of-00003.safetensors",
                            "model-00002-of-00003.safetensors",
                            "model-00003-of-00003.safetensors");
            assertThat(read.names()).containsExactly("t0", "t1", "t2", "t3", "t4");
        }
    }

    /** Codes of zeros: what is in them does not matter here. */
    private List<Path> groups(ModelDirectory model) {
        List<Path> files = new ArrayList<>();
        for (LinearGroup group : model.linearGroups()) {
            List<Tensor> tensors = new ArrayList<>();
            for (String linear : group.linears()) {
                LinearShape shape = model.layout().shape(linear);
                long tiles = shape.tiles();
                tensors.add(Tensors.ofShorts(linear + ".trellis", List.of(tiles, 32L), new short[(int) tiles * 32]));
                tensors.add(
                        Tensors.ofHalves(linear + ".SU", List.of((long) shape.inputs()), new float[shape.inputs()]));
                tensors.add(
                        Tensors.ofFloats(linear + ".SV", List.of((long) shape.outputs()), new float[shape.outputs()]));
            }
            Path file = directory.resolve("groups").resolve(group.key() + ".safetensors");
            SafetensorsWriter.write(file, Map.of(), tensors);
            files.add(file);
        }
        return files;
    }
}
