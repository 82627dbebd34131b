package dev.quipforge.llm.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.incoherence.OrthogonalTransform;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.config.QuantizationCode;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.rows.MatrixRows;
import dev.quipforge.llm.testing.OpenModel;
import dev.quipforge.llm.testing.ReferenceModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is served gives the logits of the decoded model, for every format of weights. */
class ServedDecoderTest {

    private static final int PAGE = 4;

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "llama3,THREE_INST,2,HADAMARD",
        "llama3,HYB,3,HADAMARD",
        "llama3,PAIR,2,HADAMARD",
        "llama3,MUL1,4,HADAMARD",
        "llama3,E8P,2,HADAMARD",
        "llama3,E8P,3,HADAMARD",
        "llama3,UNIFORM,3,KRONECKER",
        "llama3,LLOYD_MAX,4,HADAMARD",
        "mixtral,THREE_INST,2,HADAMARD",
        "phi3,ONE_MAD,2,HADAMARD",
        "deepseek_v3,E8P,4,HADAMARD"
    })
    void packedWeightsGiveTheLogitsOfDecodedOnes(
            String name, QuantizationCode code, int bits, OrthogonalTransform.Kind transform) {
        try (ComputeBackend backend = ComputeBackends.named("vector")) {
            QuantizationConfig usual = QuantizationConfig.of(code, bits, 1);
            QuantizationConfig config = new QuantizationConfig(
                    code, bits, usual.tailBiting(), usual.rounding(), transform, usual.passes(), usual.seed());
            ReferenceModel reference = ReferenceModel.write(name, directory);
            OpenModel quantized =
                    new OpenModel(backend, reference.directory()).quantized(directory.resolve("quantized"), config);
            int[] text = Arrays.copyOf(reference.texts().getFirst(), 30);
            float[] expected = quantized.logits(List.of(text));
            assertThat(largestError(served(backend, quantized.directory(), text), expected))
                    .isLessThan(1e-4);
        }
    }

    /** The logits behind every token: a prompt of 11, then five tokens at once, then one at a time. */
    private static float[] served(ComputeBackend backend, Path model, int[] text) {
        try (ModelDirectory opened = ModelDirectory.open(model);
                ServedDecoder decoder = ServedDecoder.load(backend, opened, Progress.NONE);
                PagedCache cache = new PagedCache(backend, opened.config(), 12, PAGE)) {
            int vocabulary = opened.config().vocabulary();
            float[] logits = new float[text.length * vocabulary];
            int[] ends = IntStream.concat(IntStream.of(11, 16), IntStream.rangeClosed(17, text.length))
                    .toArray();
            int from = 0;
            for (int to : ends) {
                float[] some = logits(backend, decoder, cache, text, from, to);
                System.arraycopy(some, 0, logits, from * vocabulary, some.length);
                from = to;
            }
            return logits;
        }
    }

    private static float[] logits(
            ComputeBackend backend, ServedDecoder decoder, PagedCache cache, int[] text, int from, int to) {
        try (Workspace workspace = backend.workspace()) {
            int count = to - from;
            PagedStep step = new PagedStep(
                    row(workspace, count, i -> from + i),
                    row(workspace, count, i -> page((from + i) / PAGE) * PAGE + (from + i) % PAGE),
                    workspace.copyOf(
                            1,
                            12,
                            IntStream.range(0, 12).map(ServedDecoderTest::page).toArray()),
                    row(workspace, count, _ -> 0),
                    row(workspace, count, i -> from + i + 1),
                    64);
            Matrix hidden = decoder.advance(workspace, cache, Arrays.copyOfRange(text, from, to), step);
            return new MatrixRows(backend, decoder.logits(workspace, hidden)).values();
        }
    }

    /** Pages in another order than that of the text. */
    private static int page(int index) {
        return index * 5 % 12;
    }

    private static IntMatrix row(Workspace workspace, int count, IntUnaryOperator value) {
        return workspace.copyOf(1, count, IntStream.range(0, count).map(value).toArray());
    }

    private static double largestError(float[] actual, float[] expected) {
        double largest = 0;
        double error = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            error = Math.max(error, Math.abs(actual[i] - expected[i]));
        }
        return error / largest;
    }
}
