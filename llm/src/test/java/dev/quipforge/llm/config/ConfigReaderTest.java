package dev.quipforge.llm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.architecture.AttentionSpec;
import dev.quipforge.llm.architecture.Rotary;
import dev.quipforge.llm.architecture.RotaryScaling;
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
        assertThat(rotary()).isEqualTo(Rotary.whole(16, 500000, new RotaryScaling.Unscaled()));
    }

    @Test
    void theFormOfTransformers5IsRead() throws IOException {
        fields.remove("rope_theta");
        fields.put("rope_parameters", Map.of("rope_theta", 500000.0, "rope_type", "default"));
        assertThat(rotary()).isEqualTo(Rotary.whole(16, 500000, new RotaryScaling.Unscaled()));
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
        assertThat(rotary()).isEqualTo(Rotary.whole(16, 10000, new RotaryScaling.Llama3(8, 1, 4, 8192)));
    }

    @Test
    void otherScalingsAreRefused() {
        fields.put("rope_scaling", Map.of("type", "mrope", "factor", 2.0));
        assertRefused("config.json: rope_scaling: type: \"mrope\" "
                + "(expected: default, linear, dynamic, llama3, yarn or longrope)");
    }

    @Test
    void headsDefaultToFullAttentionOfTheHiddenWidth() throws IOException {
        fields.remove("num_key_value_heads");
        assertThat(attention().geometry()).isEqualTo(AttentionGeometry.of(4, 4, 16));
    }

    @Test
    void severalEndTokensAreRead() throws IOException {
        fields.put("eos_token_id", List.of(3, 4));
        assertThat(read().endTokens()).containsExactly(3, 4);
    }

    @Test
    void anEndTokenThatIsNoTokenIsRefused() {
        fields.put("eos_token_id", List.of(3, (1L << 32) + 3));
        assertRefused("config.json: eos_token_id: [3,4294967299] (expected: token ids below the vocab_size "
                + fields.get("vocab_size") + ")");
        fields.put("eos_token_id", fields.get("vocab_size"));
        assertRefused("config.json: eos_token_id: %1$s (expected: token ids below the vocab_size %1$s)"
                .formatted(fields.get("vocab_size")));
    }

    @Test
    void passesThatCannotBeAreRefused() {
        for (long passes : new long[] {-1, Integer.MIN_VALUE - 1L, Integer.MAX_VALUE + 1L}) {
            fields.put(
                    "quantization_config",
                    Map.of(
                            "quant_method",
                            "quipforge",
                            "method",
                            "quip",
                            "code",
                            "uniform",
                            "bits",
                            2,
                            "passes",
                            passes));
            assertRefused("config.json: quantization_config: passes: %d (expected with rounding ldlq: 0 to 100)"
                    .formatted(Math.clamp(passes, Integer.MIN_VALUE, Integer.MAX_VALUE)));
        }
    }

    @Test
    void biasesAreRead() throws IOException {
        fields.put("attention_bias", true);
        assertThat(attention().output().bias()).isPresent();
        assertThat(read().architecture().blocks().getFirst().linears().getLast().bias())
                .isEmpty();
    }

    @Test
    void moreBlocksThanAnyModelHasAreRefusedBeforeTheyAreAllocated() {
        fields.put("num_hidden_layers", 2_000_000_000);
        assertRefused("config.json: num_hidden_layers: 2000000000 (expected: at most 1024)");
    }

    @Test
    void layersThatAreNotKnownAreRefusedByName() {
        fields.put("model_type", "qwen3");
        fields.put("use_sliding_window", true);
        fields.put("layer_types", List.of("full_attention", "linear_attention"));
        assertRefused("config.json: layer_types: [\"full_attention\",\"linear_attention\"] "
                + "(expected: full_attention or sliding_attention; linear_attention is not supported)");
    }

    @Test
    void aListOfLayersOfAnotherLengthIsRefused() {
        fields.put("model_type", "gemma2");
        fields.put("layer_types", List.of("full_attention"));
        assertRefused("config.json: layer_types: [\"full_attention\"] (expected: one for each of 2 layers, not 1)");
    }

    @Test
    void aFeatureThatAFamilyHasAndWeLackIsRefused() {
        fields.put("model_type", "olmoe");
        fields.put("num_experts", 4);
        fields.put("num_experts_per_tok", 2);
        fields.put("clip_qkv", 8.0);
        assertRefused("config.json: clip_qkv: 8.0 "
                + "(expected: null; clipping of queries, keys and values is not supported)");
    }

    @Test
    void aModelThatOthersQuantizedIsRefused() {
        fields.put("quantization_config", Map.of("quant_method", "gptq", "bits", 4));
        assertRefused(
                "config.json: quantization_config: quant_method: \"gptq\" (expected: quipforge, fp8 or mxfp4; quantize"
                        + " the original model, usually published under the same name without the suffix)");
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
        float[] plain = Rotary.whole(128, 500000, new RotaryScaling.Unscaled()).frequencies(128);
        float[] scaled = Rotary.whole(128, 500000, new RotaryScaling.Llama3(8, 1, 4, 8192))
                .frequencies(128);
        assertThat(scaled[0]).isEqualTo(plain[0]);
        assertThat(scaled[63]).isCloseTo(plain[63] / 8, within(1e-12f));
        assertThat(plain[1]).isCloseTo((float) Math.pow(500000, -2.0 / 128), within(1e-7f));
    }

    private AttentionSpec attention() throws IOException {
        return read().architecture().blocks().getFirst().attention();
    }

    private Rotary rotary() throws IOException {
        return attention().rotary().orElseThrow();
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
