package dev.quipforge.llm.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.calibration.CalibrationSource;
import dev.quipforge.llm.config.QuantizationCode;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.evaluation.Comparison;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.quantization.LinearReport;
import dev.quipforge.llm.testing.ReferenceModel;
import dev.quipforge.llm.testing.TestModels;
import dev.quipforge.llm.tokenizer.TextWindows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every family from its published form to 4 bits. */
class FamilyQuantizationTest {

    private static final int WINDOW = 128;

    @TempDir
    Path directory;

    static Stream<String> names() {
        return ReferenceModel.NAMES.stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void fourBitsCostLittle(String name) throws IOException {
        ReferenceModel reference = ReferenceModel.write(name, directory);
        String calibration = Files.readString(TestModels.demo().resolve("calibration.txt"));
        String heldout = Files.readString(TestModels.demo().resolve("heldout.txt"));
        try (ComputeBackend backend = ComputeBackends.named("vector")) {
            LocalQuantization.Request request = new LocalQuantization.Request(
                    reference.directory(),
                    directory.resolve("out"),
                    new CalibrationSource.Text(calibration, 32, WINDOW),
                    QuantizationScheme.uniform(QuantizationConfig.of(QuantizationCode.THREE_INST, 4, 0)));
            LocalQuantization.Result result =
                    LocalQuantization.run(backend, request, LocalQuantization.StageListener.NONE);
            assertThat(result.groups().stream().flatMap(group -> group.linears().stream()))
                    .extracting(LinearReport::kept)
                    .containsOnlyNulls();
            try (ModelDirectory first = ModelDirectory.open(reference.directory());
                    ModelDirectory second = ModelDirectory.open(result.output())) {
                TextWindows windows = TextWindows.cut(first.tokenizer(), heldout.substring(0, 30_000), WINDOW, "text");
                Comparison comparison = Comparison.measure(backend, first, second, windows, Progress.NONE);
                assertThat(comparison.quantized().perplexity())
                        .isLessThan(1.05 * comparison.original().perplexity());
            }
        }
    }
}
