package dev.quipforge.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.BlockRange;
import dev.quipforge.contracts.TaskResult.ModelImported;
import dev.quipforge.kit.json.ContractsJson;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.testing.ReferenceModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockRangesTest {

    /** The sizes of DeepSeek-V3. */
    private static final Map<String, Integer> SIZES = Map.ofEntries(
            Map.entry("hidden_size", 7168),
            Map.entry("intermediate_size", 18_432),
            Map.entry("moe_intermediate_size", 2048),
            Map.entry("num_hidden_layers", 61),
            Map.entry("first_k_dense_replace", 3),
            Map.entry("n_routed_experts", 256),
            Map.entry("n_group", 8),
            Map.entry("topk_group", 4),
            Map.entry("num_experts_per_tok", 8),
            Map.entry("num_attention_heads", 128),
            Map.entry("num_key_value_heads", 128),
            Map.entry("q_lora_rank", 1536),
            Map.entry("kv_lora_rank", 512));

    @TempDir
    Path folder;

    @Test
    void eighteenThousandExpertsFitIntoARecord() throws IOException {
        Architecture architecture = deepseek();
        ModelImported imported = new ModelImported(
                "d", "models/d", "deepseek", 1, 2, null, BlockRanges.of(architecture), null, 64, 512, null);

        assertThat(imported.blocks())
                .extracting(BlockRange::first, BlockRange::last)
                .containsExactly(tuple(0, 2), tuple(3, 60));
        assertThat(imported.linearGroups())
                .hasSizeGreaterThan(58 * 64)
                .isEqualTo(architecture.groups().stream()
                        .map(group -> new TaskResult.LinearGroup(group.block(), group.key(), null, group.weights()))
                        .toList());
        assertThat(ContractsJson.mapper().writeValueAsBytes(imported)).hasSizeLessThan(16 * 1024);
    }

    private Architecture deepseek() throws IOException {
        Path directory = ReferenceModel.write("deepseek_v3", folder).directory();
        Path config = directory.resolve("config.json");
        String text = Files.readString(config);
        for (Map.Entry<String, Integer> size : SIZES.entrySet()) {
            String field = "\"%s\": ".formatted(size.getKey());
            assertThat(text).contains(field);
            text = text.replaceFirst(field + "[0-9]+", field + size.getValue());
        }
        Files.writeString(config, text);
        return ConfigReader.read(directory).architecture();
    }
}
