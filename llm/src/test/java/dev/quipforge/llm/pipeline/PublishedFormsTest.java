package dev.quipforge.llm.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.checkpoint.DenseExport;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import dev.quipforge.llm.testing.ModelEdits;
import dev.quipforge.llm.testing.NarrowWeights;
import dev.quipforge.llm.testing.OpenModel;
import dev.quipforge.llm.testing.ReferenceModel;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The forms that models are published in: narrow weights with scales, decoders within larger models, and what is wrong with them. */
class PublishedFormsTest {

    private static final String UP = "model.layers.1.mlp.up_proj.weight";
    private static final String EXPERTS = "model.layers.1.mlp.experts.";
    private static final String PART = "model.language_model.";

    /** Relative distance of logits: 8 bits have 3 of mantissa, 4 bits have 1. */
    private static final double EIGHT_BITS = 0.08;

    private static final double FOUR_BITS = 0.3;

    /** Of QTIP at 4 bits. */
    private static final double QUANTIZED = 0.3;

    /** Of 7 bits of mantissa. */
    private static final double ROUNDED = 0.02;

    @TempDir
    private Path directory;

    private final ComputeBackend backend = ComputeBackends.named("vector");

    @AfterEach
    void close() {
        backend.close();
    }

    @Test
    void weightsOfEightBitsWithScalesOfBlocksAreReadQuantizedAndExported() {
        ReferenceModel reference = ReferenceModel.write("llama3", directory);
        SortedMap<String, List<Long>> shapes = model(reference).shapes();
        NarrowWeights.toScaledBlocks(reference.directory());
        assertAllForms(reference, EIGHT_BITS, shapes);
    }

    @Test
    void weightsOfEightBitsWithScalesOfRowsAreReadQuantizedAndExported() {
        ReferenceModel reference = ReferenceModel.write("llama3", directory);
        SortedMap<String, List<Long>> shapes = model(reference).shapes();
        NarrowWeights.toScaledRows(reference.directory());
        assertAllForms(reference, EIGHT_BITS, shapes);
    }

    @Test
    void expertsOfFourBitsAreReadQuantizedAndExported() {
        ReferenceModel reference = ReferenceModel.write("gpt_oss", directory);
        SortedMap<String, List<Long>> shapes = model(reference).shapes();
        NarrowWeights.toFourBits(reference.directory());
        assertAllForms(reference, FOUR_BITS, shapes);
    }

    private void assertAllForms(ReferenceModel reference, double bound, SortedMap<String, List<Long>> shapes) {
        List<int[]> texts = reference.texts();
        OpenModel narrow = model(reference);
        float[] logits = narrow.logits(texts);
        assertThat(NarrowWeights.distance(logits, reference.logits())).isBetween(1e-3, bound);
        OpenModel dense = export(narrow, "dense");
        assertThat(dense.shapes()).isEqualTo(shapes);
        assertThat(NarrowWeights.distance(dense.logits(texts), logits)).isLessThan(ROUNDED);
        OpenModel packed = narrow.quantized(directory.resolve("packed"));
        assertThat(NarrowWeights.distance(packed.logits(texts), logits)).isBetween(1e-3, QUANTIZED);
        OpenModel again = export(packed, "again");
        assertThat(again.shapes()).isEqualTo(shapes);
        assertThat(NarrowWeights.distance(again.logits(texts), packed.logits(texts)))
                .isLessThan(ROUNDED);
    }

    @Test
    void theTextPartOfALargerModelIsReadQuantizedAndExported() {
        ReferenceModel reference = ReferenceModel.write("llama3", directory);
        Path model = reference.directory();
        nest(model);
        Tensor vision = Tensors.ofHalves("vision.x", List.of(2L, 3L), new float[] {1, 2, 3, 4, 5, 6});
        ModelEdits.add(model, vision);
        SortedMap<String, List<Long>> shapes = model(reference).shapes();
        float[] logits = model(reference).logits(reference.texts());
        assertThat(NarrowWeights.distance(logits, reference.logits())).isLessThan(1e-3);
        OpenModel packed = model(reference).quantized(directory.resolve("packed"));
        assertSame(packed, vision);
        assertThat(packed.shapes())
                .containsKey(PART + "layers.0.self_attn.q_proj.trellis")
                .doesNotContainKey(PART + "layers.0.self_attn.q_proj.weight");
        assertThat(NarrowWeights.distance(packed.logits(reference.texts()), logits))
                .isBetween(1e-3, QUANTIZED);
        OpenModel dense = export(packed, "dense");
        assertSame(dense, vision);
        assertThat(dense.shapes()).isEqualTo(shapes);
    }

    @Test
    void narrowMatricesOfOtherPartsAreDecodedToo() {
        ReferenceModel reference = ReferenceModel.write("llama3", directory);
        Path model = reference.directory();
        NarrowWeights.toScaledBlocks(model);
        nest(model);
        float[] values = new float[64];
        for (int i = 0; i < values.length; i++) {
            values[i] = i - 20;
        }
        Tensor matrix = Tensors.ofFloats("vision.y.weight", List.of(2L, 32L), values);
        NarrowWeights.scaled(matrix, "_scale_inv", NarrowWeights.ROWS, NarrowWeights.COLUMNS)
                .forEach(tensor -> ModelEdits.add(model, tensor));
        ModelEdits.add(model, Tensors.ofFloats(PART + "layers.0.mlp.up_proj.input_scale", List.of(), new float[] {1}));
        OpenModel dense = export(model(reference), "dense");
        assertThat(dense.shapes())
                .containsKey("vision.y.weight")
                .doesNotContainKeys("vision.y.weight_scale_inv", PART + "layers.0.mlp.up_proj.input_scale");
        try (ModelDirectory opened = ModelDirectory.open(dense.directory())) {
            Tensor written = opened.weights().tensor("vision.y.weight").requireType(DataType.BF16);
            assertThat(NarrowWeights.distance(written.floats(), values)).isLessThan(0.05);
        }
    }

    @Test
    void aTextPartWithoutTensorsIsSaid() {
        Path model = ReferenceModel.write("llama3", directory).directory();
        nest(model);
        ModelEdits.tensors(
                model, tensor -> tensor.name().startsWith(PART) ? List.of() : List.of(renamed(tensor, "vision.x")));
        assertRefused(
                model,
                "text_config: the tensors of the text part are missing (expected: such as model.embed_tokens.weight)");
    }

    @Test
    void missingScalesAreNamed() {
        Path model = ReferenceModel.write("llama3", directory).directory();
        NarrowWeights.toScaledBlocks(model);
        remove(model, UP + "_scale_inv");
        assertRefused(model, UP + "_scale_inv: missing (expected: the scales of " + UP + ")");
    }

    @Test
    void scalesOfAnotherShapeAreShown() {
        Path model = ReferenceModel.write("llama3", directory).directory();
        NarrowWeights.toScaledBlocks(model);
        ModelEdits.config(model, fields -> fields.put("quantization_config", Map.of("quant_method", "fp8")));
        assertRefused(model, "model.layers.0.self_attn.q_proj.weight_scale_inv: 4 x 2 (expected: 1 x 1)");
    }

    @Test
    void aMissingExpertIsNamed() {
        Path model = ReferenceModel.write("qwen3_moe", directory).directory();
        remove(model, EXPERTS + "7.up_proj.weight");
        assertRefused(model, EXPERTS + "7.up_proj.weight: tensor is missing");
    }

    @Test
    void missingExpertsOfFourBitsAreSaid() {
        Path model = ReferenceModel.write("gpt_oss", directory).directory();
        NarrowWeights.toFourBits(model);
        ModelEdits.tensors(
                model,
                tensor -> tensor.name().matches(EXPERTS + "down_proj_(blocks|scales)")
                        ? List.of(firstSlices(tensor, 3))
                        : List.of(tensor));
        assertRefused(model, EXPERTS + "down_proj_blocks: 3 x 64 x 2 x 16 (expected: 4 x 64 x 2 x 16)");
    }

    @Test
    void missingScalesOfFourBitsAreNamed() {
        Path model = ReferenceModel.write("gpt_oss", directory).directory();
        NarrowWeights.toFourBits(model);
        remove(model, EXPERTS + "down_proj_scales");
        assertRefused(
                model, EXPERTS + "down_proj_scales: missing (expected: the scales of " + EXPERTS + "down_proj_blocks)");
    }

    @Test
    void expertsOfAnotherShapeAreShown() {
        Path model = ReferenceModel.write("gpt_oss", directory).directory();
        ModelEdits.tensors(
                model,
                tensor -> tensor.name().equals(EXPERTS + "gate_up_proj")
                        ? List.of(reshaped(tensor, List.of(4L, 128L, 64L)))
                        : List.of(tensor));
        assertRefused(model, EXPERTS + "gate_up_proj: 4 x 128 x 64 (expected: 4 x 64 x 128)");
    }

    @Test
    void expertsThatAreNowhereAreNamed() {
        Path model = ReferenceModel.write("gpt_oss", directory).directory();
        remove(model, EXPERTS + "gate_up_proj");
        assertRefused(model, EXPERTS + "gate_up_proj: tensor is missing");
    }

    /** The model becomes the text part of a larger one. */
    private static void nest(Path model) {
        ModelEdits.config(model, fields -> {
            Map<String, Object> text = new LinkedHashMap<>(fields);
            text.remove("quantization_config");
            fields.keySet().removeIf(name -> !name.equals("quantization_config"));
            fields.put("architectures", List.of("SeeingForConditionalGeneration"));
            fields.put("model_type", "seeing");
            fields.put("text_config", text);
        });
        ModelEdits.tensors(
                model, tensor -> List.of(renamed(tensor, tensor.name().replaceFirst("^model\\.", PART))));
    }

    private static void remove(Path model, String name) {
        ModelEdits.tensors(model, tensor -> tensor.name().equals(name) ? List.of() : List.of(tensor));
    }

    private static Tensor renamed(Tensor tensor, String name) {
        return new Tensor(name, tensor.type(), tensor.shape(), tensor.data());
    }

    private static Tensor reshaped(Tensor tensor, List<Long> shape) {
        return new Tensor(tensor.name(), tensor.type(), shape, tensor.data());
    }

    private static Tensor firstSlices(Tensor tensor, long count) {
        List<Long> shape = new ArrayList<>(tensor.shape());
        long bytes = tensor.data().byteSize() / shape.getFirst() * count;
        shape.set(0, count);
        MemorySegment data = tensor.data().asSlice(0, bytes);
        return new Tensor(tensor.name(), tensor.type(), shape, data);
    }

    private OpenModel model(ReferenceModel reference) {
        return new OpenModel(backend, reference.directory());
    }

    private OpenModel export(OpenModel model, String name) {
        Path output = directory.resolve(name);
        try (ModelDirectory opened = ModelDirectory.open(model.directory())) {
            DenseExport.write(backend, opened, DataType.BF16, output, Progress.NONE);
        }
        return new OpenModel(backend, output);
    }

    private static void assertSame(OpenModel model, Tensor expected) {
        try (SafetensorsFile file = SafetensorsFile.open(model.directory().resolve("model.safetensors"))) {
            Tensor tensor =
                    file.tensor(expected.name()).requireType(expected.type()).requireShape(expected.shape());
            assertThat(tensor.data().mismatch(expected.data())).isEqualTo(-1);
        }
    }

    private static void assertRefused(Path model, String message) {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> ModelDirectory.open(model).close())
                .withMessage(message);
    }
}
