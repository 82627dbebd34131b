package dev.quipforge.llm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.architecture.Architecture;
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

    /** As it is published for Gemma 3 4B: its text part says only what differs from the class in Transformers. */
    @Test
    void whatATextPartLeavesOutIsThatOfItsClass() throws IOException {
        Files.writeString(directory.resolve(ConfigReader.FILE), """
                {"architectures": ["Gemma3ForConditionalGeneration"], "boi_token_index": 255999, "eoi_token_index": 256000,
                 "eos_token_id": [1, 106], "image_token_index": 262144, "initializer_range": 0.02,
                 "mm_tokens_per_image": 256, "model_type": "gemma3",
                 "text_config": {"hidden_size": 2560, "intermediate_size": 10240, "model_type": "gemma3_text",
                   "num_hidden_layers": 34, "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
                   "sliding_window": 1024},
                 "torch_dtype": "bfloat16", "transformers_version": "4.50.0.dev0",
                 "vision_config": {"hidden_size": 1152, "intermediate_size": 4304, "model_type": "siglip_vision_model",
                   "num_attention_heads": 16, "num_hidden_layers": 27, "patch_size": 14}}
                """);
        ModelConfig config = ConfigReader.read(directory);
        assertThat(config.architecture().sizes()).isEqualTo(new Architecture.Sizes(2560, 262_208, 131_072));
        assertThat(config.architecture().head().tied()).isTrue();
        assertThat(config.endTokens()).containsExactly(1, 106);
        assertThat(config.blocks()).isEqualTo(34);
        AttentionSpec sliding = config.architecture().blocks().get(0).attention();
        AttentionSpec full = config.architecture().blocks().get(5).attention();
        assertThat(sliding.geometry()).isEqualTo(new AttentionGeometry(8, 4, 256, 256, 1 / 16f, 1024, 0));
        assertThat(full.geometry())
                .isEqualTo(new AttentionGeometry(8, 4, 256, 256, 1 / 16f, AttentionGeometry.UNLIMITED, 0));
        assertThat(sliding.rotary()).contains(Rotary.whole(256, 1e4, new RotaryScaling.Unscaled()));
        assertThat(full.rotary()).contains(Rotary.whole(256, 1e6, new RotaryScaling.Linear(8)));
    }

    @Test
    void aPlainModelLeavesNothingOut() {
        fields.remove("hidden_size");
        assertRefused("config.json: field hidden_size is missing");
    }

    /** As LLaVA 1.5 says it, and as Mistral Small 3.1 does: a window that is null is none. */
    @Test
    void familiesHaveClassDefaultsOfTheirOwn() throws IOException {
        Files.writeString(directory.resolve(ConfigReader.FILE), """
                {"model_type": "llava", "text_config": {"model_type": "llama", "max_position_embeddings": 4096,
                 "rms_norm_eps": 1e-05, "vocab_size": 32064}}
                """);
        assertThat(ConfigReader.read(directory).architecture().sizes())
                .isEqualTo(new Architecture.Sizes(4096, 32_064, 4096));
        assertThat(ConfigReader.read(directory)
                        .architecture()
                        .blocks()
                        .get(31)
                        .attention()
                        .geometry())
                .isEqualTo(AttentionGeometry.of(32, 32, 128));
        Files.writeString(directory.resolve(ConfigReader.FILE), """
                {"model_type": "mistral3", "text_config": {"model_type": "mistral", "hidden_size": 5120, "head_dim": 128,
                 "intermediate_size": 32768, "num_hidden_layers": 40, "rope_theta": 1000000000.0,
                 "sliding_window": null, "vocab_size": 131072}}
                """);
        assertThat(ConfigReader.read(directory)
                        .architecture()
                        .blocks()
                        .getFirst()
                        .attention()
                        .geometry())
                .isEqualTo(AttentionGeometry.of(32, 8, 128));
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
