package dev.quipforge.llm.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import dev.quipforge.llm.testing.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDirectoryTest {

    private static final String UP = "model.layers.1.mlp.up_proj.weight";

    @TempDir
    Path directory;

    @Test
    void theDemoModelOpens() {
        try (ModelDirectory model = ModelDirectory.open(TestModels.demo().resolve("model"))) {
            assertThat(model.parameters()).isEqualTo(11_015_040);
            assertThat(model.weightBytes()).isEqualTo(22_030_080);
            assertThat(model.linearGroups()).hasSize(24);
            LinearGroup group = model.linearGroups().get(4);
            assertThat(group.path()).isEqualTo("1/attention-in");
            assertThat(group.names())
                    .containsExactly(
                            "model.layers.1.self_attn.q_proj",
                            "model.layers.1.self_attn.k_proj",
                            "model.layers.1.self_attn.v_proj");
            assertThat(group.weights()).isEqualTo(384 * (384 + 128 + 128));
            model.checkFinite(Progress.NONE);
        }
    }

    @Test
    void aDirectoryThatIsNotThereIsNamed() {
        assertRefused(directory.resolve("nowhere"), directory.resolve("nowhere") + ": not a directory");
    }

    @Test
    void aMissingConfigIsNamed() {
        assertRefused(directory, "config.json: not found in " + directory);
    }

    @Test
    void anUnsupportedArchitectureIsNamedWithWhatIsSupported() {
        Map<String, Object> config = TestModels.config();
        config.put("model_type", "gpt2");
        assertRefused(
                write(config),
                "config.json: model_type: \"gpt2\" (expected: one of [cohere2, deepseek_v3, gemma2, gemma3_text, glm4,"
                        + " gpt_oss, granite, llama, mistral, mixtral, olmo2, olmoe, phi3, qwen2, qwen3, qwen3_moe,"
                        + " smollm3])");
    }

    @Test
    void aFieldThatIsWrongIsNamedWithItsValue() {
        Map<String, Object> config = TestModels.config();
        config.put("num_hidden_layers", -2);
        assertRefused(write(config), "config.json: num_hidden_layers: -2 (expected: a positive integer)");
    }

    @Test
    void aFieldThatIsMissingIsNamed() {
        Map<String, Object> config = TestModels.config();
        config.remove("hidden_size");
        assertRefused(write(config), "config.json: field hidden_size is missing");
    }

    @Test
    void aMissingShardIsNamed() throws IOException {
        TestModels.tiny(directory, 1);
        Files.delete(directory.resolve("model.safetensors"));
        Files.writeString(
                directory.resolve("model.safetensors.index.json"),
                "{\"weight_map\":{\"" + UP + "\":\"model-00001-of-00002.safetensors\"}}");
        assertRefused(
                directory,
                "model-00001-of-00002.safetensors: shard is missing, though model.safetensors.index.json names it");
    }

    @Test
    void aShardOutsideTheDirectoryIsRefused() throws IOException {
        TestModels.tiny(directory, 1);
        Files.writeString(
                directory.resolve("model.safetensors.index.json"),
                "{\"weight_map\":{\"" + UP + "\":\"../model.safetensors\"}}");
        assertRefused(
                directory,
                "model.safetensors.index.json: weight_map: " + UP + ": \"../model.safetensors\" "
                        + "(expected: the name of a .safetensors file in this directory)");
    }

    @Test
    void aTensorThatItsShardDoesNotHoldIsNamed() throws IOException {
        TestModels.tiny(directory, 1);
        Files.writeString(
                directory.resolve("model.safetensors.index.json"),
                "{\"weight_map\":{\"no.such.tensor\":\"model.safetensors\"}}");
        assertRefused(
                directory,
                "model.safetensors: tensor no.such.tensor is missing, though model.safetensors.index.json has it here");
    }

    @Test
    void noWeightsAtAllIsSaid() throws IOException {
        TestModels.tiny(directory, 1);
        Files.delete(directory.resolve("model.safetensors"));
        assertRefused(
                directory,
                directory.getFileName() + ": no weights (expected: model.safetensors or model.safetensors.index.json)");
    }

    @Test
    void aMissingTensorIsNamed() {
        rewrite(tensor -> tensor.name().equals(UP) ? Tensors.ofFloats("other", List.of(1L), new float[1]) : tensor);
        assertRefused(directory, UP + ": tensor is missing");
    }

    @Test
    void aWrongShapeIsShownWithTheRightOne() {
        rewrite(tensor ->
                tensor.name().equals(UP) ? new Tensor(UP, tensor.type(), List.of(64L, 96L), tensor.data()) : tensor);
        assertRefused(directory, UP + ": 64 x 96 (expected: 96 x 64)");
    }

    @Test
    void weightsThatAreNotFloatsAreRefused() {
        rewrite(tensor ->
                tensor.name().equals(UP) ? Tensors.ofIntegers(UP, List.of(96L, 64L), new int[96 * 64]) : tensor);
        assertRefused(directory, UP + ": dtype I32 (expected: F8, F16, BF16, F32 or F64)");
    }

    @Test
    void aTokenizerThatDoesNotFitTheVocabularyIsRefused() {
        Map<String, Object> config = TestModels.config();
        config.put("vocab_size", 256);
        config.remove("eos_token_id");
        assertRefused(write(config), "tokenizer.json: token id 256 (expected: less than the vocab_size 256)");
    }

    @Test
    void notANumberIsFoundAndNamed() {
        assertNotFinite(Float.NaN, "NaN");
    }

    @Test
    void infinityIsFoundAndNamed() {
        assertNotFinite(Float.NEGATIVE_INFINITY, "-Infinity");
    }

    private void assertNotFinite(float value, String name) {
        rewrite(tensor -> {
            if (!tensor.name().equals(UP)) {
                return tensor;
            }
            float[] values = tensor.floats();
            values[77] = value;
            return Tensors.ofFloats(UP, tensor.shape(), values);
        });
        try (ModelDirectory model = ModelDirectory.open(directory)) {
            assertThatExceptionOfType(InvalidModelException.class)
                    .isThrownBy(() -> model.checkFinite(Progress.NONE))
                    .withMessage(UP + ": " + name + " at element 77 (expected: finite numbers)");
        }
    }

    @Test
    void aCancelledCheckStops() {
        TestModels.tiny(directory, 1);
        try (ModelDirectory model = ModelDirectory.open(directory)) {
            List<Double> heard = new ArrayList<>();
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> model.checkFinite((done, detail) -> {
                        heard.add(done);
                        throw new IllegalStateException("cancelled");
                    }));
            assertThat(heard).hasSize(1);
        }
    }

    @Test
    void theTokenizerTellsEveryByteApart() {
        TestModels.tiny(directory, 1);
        try (ModelDirectory model = ModelDirectory.open(directory)) {
            assertThat(model.tokenizer().encode("az é")).containsExactly('a', 'z', ' ', 0xC3, 0xA9);
            assertThat(model.tokenizer().decode('a', 'z', ' ', 0xC3, 0xA9)).isEqualTo("az é");
        }
    }

    private Path write(Map<String, Object> config) {
        TestModels.tiny(directory, 1);
        TestModels.writeConfig(directory, config);
        return directory;
    }

    private void rewrite(UnaryOperator<Tensor> change) {
        TestModels.tiny(directory, 1);
        List<Tensor> tensors = TestModels.weights(ConfigReader.read(directory), 1).stream()
                .map(change)
                .toList();
        SafetensorsWriter.write(directory.resolve("model.safetensors"), Map.of(), tensors);
    }

    private static void assertRefused(Path model, String message) {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> ModelDirectory.open(model).close())
                .withMessage(message);
    }
}
