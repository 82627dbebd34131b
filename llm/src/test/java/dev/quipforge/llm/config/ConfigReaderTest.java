package dev.quipforge.llm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.testing.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {

    @TempDir
    Path directory;

    private final Map<String, Object> fields = TestModels.config();

    @Test
    void theFormOfTransformers4IsRead() throws IOException {
        fields.put("rope_theta", 500000.0);
        assertThat(read().rotary()).isEqualTo(new Rotary(500000, new Rotary.Unscaled()));
    }

    @Test
    void theFormOfTransformers5IsRead() throws IOException {
        fields.remove("rope_theta");
        fields.put("rope_parameters", Map.of("rope_theta", 500000.0, "rope_type", "default"));
        assertThat(read().rotary()).isEqualTo(new Rotary(500000, new Rotary.Unscaled()));
    }

    @Test
    void theScalingOfLlama3IsRead() throws IOException {
        fields.put(
                "rope_scaling",
                Map.of(
                        "rope_type", "llama3",
                        "factor", 8.0,
                        "low_freq_factor", 1.0,
                        "high_freq_factor", 4.0,
                        "original_max_position_embeddings", 8192));
        assertThat(read().rotary()).isEqualTo(new Rotary(10000, new Rotary.Llama3(8, 1, 4, 8192)));
    }

    @Test
    void otherScalingsAreRefused() {
        fields.put("rope_scaling", Map.of("type", "yarn", "factor", 2.0));
        assertRefused("config.json: rope_scaling: type: \"yarn\" (expected: default, linear or llama3)");
    }

    @Test
    void headsDefaultToFullAttentionOfTheHiddenWidth() throws IOException {
        fields.remove("num_key_value_heads");
        assertThat(read().heads()).isEqualTo(new ModelConfig.Heads(4, 4, 16));
    }

    @Test
    void severalEndTokensAreRead() throws IOException {
        fields.put("eos_token_id", List.of(3, 4));
        assertThat(read().endTokens()).containsExactly(3, 4);
    }

    @Test
    void biasesAreRefused() {
        fields.put("attention_bias", true);
        assertRefused("config.json: attention_bias: true (expected: false; linears with a bias are not supported)");
    }

    @Test
    void aModelThatOthersQuantizedIsRefused() {
        fields.put("quantization_config", Map.of("quant_method", "gptq", "bits", 4));
        assertRefused("config.json: quantization_config: quant_method: \"gptq\" "
                + "(expected: quipforge, or an unquantized model)");
    }

    @Test
    void nothingMayFollowTheDocument() throws IOException {
        Files.writeString(directory.resolve("config.json"), "{} {}");
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> ConfigReader.read(directory))
                .withMessageStartingWith("config.json: not valid JSON: Trailing token");
    }

    @Test
    void llama3KeepsHighFrequenciesAndStretchesLowOnes() {
        float[] plain = new Rotary(500000, new Rotary.Unscaled()).frequencies(128);
        float[] scaled = new Rotary(500000, new Rotary.Llama3(8, 1, 4, 8192)).frequencies(128);
        assertThat(scaled[0]).isEqualTo(plain[0]);
        assertThat(scaled[63]).isCloseTo(plain[63] / 8, within(1e-12f));
        assertThat(plain[1]).isCloseTo((float) Math.pow(500000, -2.0 / 128), within(1e-7f));
    }

    private ModelConfig read() throws IOException {
        Files.writeString(directory.resolve("config.json"), StrictJson.write(fields, true));
        return ConfigReader.read(directory);
    }

    private void assertRefused(String message) {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(this::read)
                .withMessage(message);
    }
}
