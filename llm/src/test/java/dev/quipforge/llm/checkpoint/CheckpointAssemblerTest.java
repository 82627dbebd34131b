package dev.quipforge.llm.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.architecture.LinearShape;
import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.config.QuantizationCode;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.json.JsonFields;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.quantization.GroupReport;
import dev.quipforge.llm.quantization.IncoherenceReport;
import dev.quipforge.llm.quantization.LinearReport;
import dev.quipforge.llm.quantization.QuantizedGroup;
import dev.quipforge.llm.safetensors.DataType;
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
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointAssemblerTest {

    private static final QuantizationScheme SETTINGS =
            QuantizationScheme.uniform(QuantizationConfig.of(QuantizationCode.THREE_INST, 2, 42));

    private static final IncoherenceReport MUS = new IncoherenceReport(new IncoherenceReport.Mu(5, 4, null), null);

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
                assertThat(assembled.config().quantization()).contains(SETTINGS);
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
    void aMissingGroupIsNamedByItsFirstLinear() {
        try (ModelDirectory original = ModelDirectory.open(TestModels.tiny(directory.resolve("model"), 1))) {
            List<Path> groups = groups(original).subList(1, 8);
            assertThatExceptionOfType(InvalidModelException.class)
                    .isThrownBy(
                            () -> CheckpointAssembler.assemble(original, groups, SETTINGS, directory.resolve("out")))
                    .withMessage("model.layers.0.self_attn.q_proj: missing in the quantized groups");
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
                .withMessage("config.json: quantization_config: bits: 9 (expected for code 3inst: one of [2, 3, 4])");
    }

    @Test
    void overridesOfAConfigAreCheckedWhenOpened() throws IOException {
        Path output = directory.resolve("out");
        try (ModelDirectory original = ModelDirectory.open(TestModels.tiny(directory.resolve("model"), 1))) {
            CheckpointAssembler.assemble(original, groups(original), SETTINGS, output);
        }
        String place = "config.json: quantization_config";
        assertOverridesRefused(
                output,
                "{\"0/mlp-down\": {\"bits\": 3}}",
                "model.layers.0.mlp.down_proj.trellis: 24 x 32 (expected: 24 x 48)");
        assertOverridesRefused(
                output,
                "{\"0/mlp-down\": {\"bits\": 9}}",
                place + ": overrides: 0/mlp-down: bits: 9 (expected for code 3inst: one of [2, 3, 4])");
        assertOverridesRefused(
                output,
                "{\"0/mlp-down\": {\"bitz\": 3}}",
                place
                        + ": overrides: 0/mlp-down: bitz: 3 (expected: no such field; an override has some of [L, V, bits,");
        assertOverridesRefused(
                output,
                "{\"9/mlp-down\": {\"bits\": 3}}",
                place
                        + ": overrides.9/mlp-down: matches no group (expected: a path or a glob over BLOCK/KEY, with BLOCK 0"
                        + " to 1 and KEY one of [attention-in, attention-out, mlp-in, mlp-down])");
        assertOverridesRefused(output, "3", place + ": overrides: 3 (expected: an object)");
    }

    private static void assertOverridesRefused(Path checkpoint, String overrides, String message) throws IOException {
        Path file = checkpoint.resolve(ConfigReader.FILE);
        String config = Files.readString(file);
        Files.writeString(
                file,
                config.replace(
                        "\"quant_method\" : \"quipforge\",",
                        "\"quant_method\" : \"quipforge\", \"overrides\" : " + overrides + ","));
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> ModelDirectory.open(checkpoint).close())
                .withMessageStartingWith(message);
        Files.writeString(file, config);
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

    @Test
    void linearsThatAreKeptStayDense() {
        Path output = directory.resolve("out");
        String kept = "model.layers.1.self_attn.o_proj";
        try (ModelDirectory original = ModelDirectory.open(TestModels.tiny(directory.resolve("model"), 1))) {
            CheckpointAssembler.assemble(original, groups(original, Set.of(kept)), SETTINGS, output);
            try (ModelDirectory assembled = ModelDirectory.open(output)) {
                assertThat(assembled.config().keptLinears()).containsExactlyInAnyOrder("lm_head", kept);
                assertThat(assembled.weights().tensor(kept + ".weight").floats())
                        .containsExactly(
                                original.weights().tensor(kept + ".weight").floats());
            }
        }
        assertThat(StrictJson.read(output.resolve("config.json")).has("quip_params"))
                .isFalse();
    }

    @Test
    void whatTuningChangedStandsInTheTypesOfTheCheckpoint() {
        Map<String, Object> config = TestModels.config();
        config.put("tie_word_embeddings", true);
        Path output = directory.resolve("out");
        String linear = "model.layers.1.mlp.up_proj";
        float[] inputs = random(64, 1);
        float[] outputs = random(96, 2);
        float[] norm = random(64, 3);
        float[] head = random(272 * 64, 4);
        Path overlay = directory.resolve("overlay");
        SafetensorsWriter.write(
                overlay,
                Map.of(),
                List.of(
                        Tensors.ofFloats(linear + ".SU", List.of(64L), inputs),
                        Tensors.ofFloats(linear + ".SV", List.of(96L), outputs),
                        Tensors.ofFloats("model.norm.weight", List.of(64L), norm),
                        Tensors.ofFloats("lm_head.weight", List.of(272L, 64L), head)));
        try (ModelDirectory original = ModelDirectory.open(TestModels.write(directory.resolve("model"), config, 1))) {
            CheckpointAssembler.assemble(original, groups(original), List.of(overlay), SETTINGS, output);
        }
        try (ModelDirectory assembled = ModelDirectory.open(output)) {
            assertThat(assembled.config().architecture().head().tied()).isFalse();
            requireNear(assembled, linear + ".SU", DataType.F16, inputs, 0x1p-11f);
            requireNear(assembled, linear + ".SV", DataType.F32, outputs, 0);
            requireNear(assembled, "model.norm.weight", DataType.BF16, norm, 0x1p-8f);
            requireNear(assembled, "lm_head.weight", DataType.BF16, head, 0x1p-8f);
        }
    }

    private static void requireNear(
            ModelDirectory model, String name, DataType type, float[] expected, float relative) {
        Tensor tensor = model.weights().tensor(name);
        assertThat(tensor.type()).as(name).isEqualTo(type);
        float[] actual = tensor.floats();
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i])
                    .as("%s[%s]", name, i)
                    .isCloseTo(expected[i], within(relative * Math.abs(expected[i])));
        }
    }

    private static float[] random(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (1 + random.nextGaussian());
        }
        return values;
    }

    private List<Path> groups(ModelDirectory model) {
        return groups(model, Set.of());
    }

    /** Codes of zeros: what is in them does not matter here. */
    private List<Path> groups(ModelDirectory model, Set<String> kept) {
        List<Path> files = new ArrayList<>();
        for (LinearGroup group : model.linearGroups()) {
            List<Tensor> tensors = new ArrayList<>();
            List<LinearReport> reports = new ArrayList<>();
            for (String linear : group.names()) {
                boolean quantized = !kept.contains(linear);
                reports.add(new LinearReport(
                        linear,
                        1,
                        2,
                        0,
                        new LinearReport.Calibration(256, 0, 0),
                        MUS,
                        quantized ? null : "a test keeps it"));
                if (quantized) {
                    tensors.addAll(zeros(linear, model.layout().shape(linear)));
                }
            }
            Path file = directory.resolve("groups").resolve(group.path() + ".safetensors");
            new QuantizedGroup(new GroupReport(group.block(), group.key(), reports, 1), tensors).write(file);
            files.add(file);
        }
        return files;
    }

    private static List<Tensor> zeros(String linear, LinearShape shape) {
        long tiles = shape.weights() / 256;
        return List.of(
                Tensors.ofShorts(linear + ".trellis", List.of(tiles, 32L), new short[(int) tiles * 32]),
                Tensors.ofHalves(linear + ".SU", List.of((long) shape.inputs()), new float[shape.inputs()]),
                Tensors.ofFloats(linear + ".SV", List.of((long) shape.outputs()), new float[shape.outputs()]));
    }
}
