package dev.quipforge.llm.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.testing.ModelEdits;
import dev.quipforge.llm.testing.NarrowWeights;
import dev.quipforge.llm.testing.OpenModel;
import dev.quipforge.llm.testing.ReferenceModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DenseExportTest {

    @TempDir
    private Path directory;

    private final ComputeBackend backend = ComputeBackends.named("vector");

    @AfterEach
    void close() {
        backend.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"phi3", "gpt_oss", "glm4", "qwen3_moe", "deepseek_v3", "llama3"})
    void anExportComputesWhatItsCheckpointDoes(String name) {
        ReferenceModel reference = ReferenceModel.write(name, directory);
        OpenModel original = new OpenModel(backend, reference.directory());
        OpenModel packed = original.quantized(directory.resolve("packed"));
        OpenModel exact = export(packed, DataType.F32);
        OpenModel rounded = export(packed, DataType.BF16);
        assertThat(exact.shapes()).isEqualTo(original.shapes());
        assertThat(rounded.shapes()).isEqualTo(original.shapes());
        assertThat(exact.logits(reference.texts())).containsExactly(packed.logits(reference.texts()), offset(1e-4f));
        assertThat(exact.perplexity()).isCloseTo(packed.perplexity(), withinPercentage(0.1));
        assertThat(rounded.perplexity()).isCloseTo(packed.perplexity(), withinPercentage(0.1));
        assertThat(backend.allocatedBytes()).isZero();
    }

    @Test
    void theDirectoryIsThatOfAModelThatNeverWasQuantized() throws IOException {
        OpenModel original =
                new OpenModel(backend, ReferenceModel.write("phi3", directory).directory());
        Files.writeString(original.directory().resolve("chat_template.jinja"), "{{ messages }}");
        OpenModel dense = export(original.quantized(directory.resolve("packed")), DataType.F16);
        Map<String, Object> expected = config(original.directory());
        expected.put("dtype", "float16");
        assertThat(config(dense.directory())).isEqualTo(expected);
        try (Stream<Path> files = Files.list(dense.directory())) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "config.json",
                            "model.safetensors",
                            "tokenizer.json",
                            "tokenizer_config.json",
                            "chat_template.jinja",
                            Checksums.FILE);
        }
        Checksums.verify(dense.directory());
        try (ModelDirectory opened = ModelDirectory.open(dense.directory());
                ModelDirectory first = ModelDirectory.open(original.directory())) {
            assertThat(type(opened, "model.layers.0.self_attn.qkv_proj.weight")).isEqualTo(DataType.F16);
            for (String kept : List.of("model.norm.weight", "model.embed_tokens.weight", "lm_head.weight")) {
                Tensor tensor = opened.weights().tensor(kept);
                assertThat(tensor.type()).isEqualTo(DataType.BF16);
                assertThat(tensor.data().mismatch(first.weights().tensor(kept).data()))
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void theTypeIsWrittenToTheFieldThatNamesOne() {
        OpenModel original = narrow();
        ModelEdits.config(original.directory(), fields -> {
            fields.remove("dtype");
            fields.put("torch_dtype", "float8_e4m3fn");
        });
        assertThat(config(export(original, DataType.BF16).directory()))
                .containsEntry("torch_dtype", "bfloat16")
                .doesNotContainKeys("dtype", "quantization_config");
        ModelEdits.config(original.directory(), fields -> fields.remove("torch_dtype"));
        assertThat(config(export(original, DataType.F32).directory())).containsEntry("torch_dtype", "float32");
    }

    @Test
    void aDenseModelHasNothingToConvert() {
        OpenModel original =
                new OpenModel(backend, ReferenceModel.write("phi3", directory).directory());
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> export(original, DataType.BF16))
                .withMessage("phi3: dense already, nothing to convert (expected: quantized, 8-bit or MXFP4 weights)");
        assertThat(directory.resolve("BF16")).doesNotExist();
    }

    @Test
    void aDirectoryThatHoldsSomethingIsNotTouched() throws IOException {
        OpenModel original = narrow();
        Path output = Files.createDirectory(directory.resolve("BF16"));
        Files.writeString(output.resolve("precious.txt"), "mine");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> export(original, DataType.BF16))
                .withMessage(output + ": exists already (expected: absent or an empty directory)");
        assertThat(output).isDirectoryContaining("glob:**/precious.txt");
    }

    @Test
    void aCancelledExportLeavesNothingBehind() throws IOException {
        OpenModel original = narrow();
        try (ModelDirectory opened = ModelDirectory.open(original.directory())) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> DenseExport.write(
                            backend, opened, DataType.BF16, directory.resolve("out"), (fraction, _) -> {
                                if (fraction > 0.5) {
                                    throw new IllegalStateException("cancelled");
                                }
                            }))
                    .withMessage("cancelled");
        }
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("llama3", "golden-llama3.safetensors");
        }
    }

    private OpenModel narrow() {
        OpenModel model =
                new OpenModel(backend, ReferenceModel.write("llama3", directory).directory());
        NarrowWeights.toScaledRows(model.directory());
        return model;
    }

    private OpenModel export(OpenModel model, DataType type) {
        Path output = directory.resolve(type.name());
        try (ModelDirectory opened = ModelDirectory.open(model.directory())) {
            long bytes = DenseExport.write(backend, opened, type, output, Progress.NONE);
            try (ModelDirectory written = ModelDirectory.open(output)) {
                assertThat(written.weightBytes()).isEqualTo(bytes);
            }
        }
        return new OpenModel(backend, output);
    }

    private static DataType type(ModelDirectory model, String tensor) {
        return model.weights().tensor(tensor).type();
    }

    private static Map<String, Object> config(Path model) {
        return StrictJson.read(model.resolve("config.json")).asMap();
    }
}
