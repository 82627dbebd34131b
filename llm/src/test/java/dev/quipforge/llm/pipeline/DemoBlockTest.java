package dev.quipforge.llm.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.calibration.CalibrationWindows;
import dev.quipforge.llm.calibration.HessianCollector;
import dev.quipforge.llm.calibration.HessianFiles;
import dev.quipforge.llm.calibration.HessianReducer;
import dev.quipforge.llm.config.QuantizationCode;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.quantization.GroupQuantizer;
import dev.quipforge.llm.quantization.LinearReport;
import dev.quipforge.llm.quantization.QuantizedGroup;
import dev.quipforge.llm.testing.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One group of the demo model, on a little calibration: the quick companion of {@link AccuracyTest}. */
class DemoBlockTest {

    @Test
    void twoBitsLoseAboutAThirtiethOfTheEnergy(@TempDir Path directory) throws IOException {
        Path demo = TestModels.demo();
        try (ComputeBackend backend = ComputeBackends.named("vector");
                ModelDirectory model = ModelDirectory.open(demo.resolve("model"))) {
            LinearGroup group = model.layout().group(2, "attention-out");
            String text = Files.readString(demo.resolve("calibration.txt"));
            CalibrationWindows windows = CalibrationWindows.cut(model.tokenizer(), text, 8, 512);
            new HessianCollector(backend, model).collect(windows, 0, 8, directory, Progress.NONE);
            Path hessian = directory.resolve("hessian.safetensors");
            HessianReducer.reduce(List.of(HessianFiles.path(directory, 2, "attention-out")), List.of(), hessian);
            QuantizedGroup quantized = new GroupQuantizer(
                            backend, QuantizationConfig.of(QuantizationCode.THREE_INST, 2, 1))
                    .quantize(model, group, hessian, Progress.NONE);
            LinearReport report = quantized.report().linears().getFirst();
            assertThat(report.proxyLoss()).isBetween(0.01, 0.04);
        }
    }
}
