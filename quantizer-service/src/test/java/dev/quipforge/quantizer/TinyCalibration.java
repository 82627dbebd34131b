package dev.quipforge.quantizer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.calibration.CalibrationSource;
import dev.quipforge.llm.calibration.CalibrationWindows;
import dev.quipforge.llm.calibration.HessianCollector;
import dev.quipforge.llm.calibration.HessianReducer;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.testing.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a quantizer is given of a tiny model: its Hessians. */
final class TinyCalibration {

    /** What they are measured on. */
    static final CalibrationSource.Text SOURCE = new CalibrationSource.Text(TestModels.text(200, 5), 8, 16);

    private TinyCalibration() {}

    /** Writes the Hessians of every group below the folder; they are named {@code <block>/<input>.safetensors}. */
    static Path hessians(ComputeBackend backend, Path original, Path folder) throws IOException {
        Path hessians = folder.resolve("hessians");
        try (ModelDirectory model = ModelDirectory.open(original)) {
            CalibrationWindows windows =
                    CalibrationWindows.cut(model.tokenizer(), SOURCE.text(), SOURCE.samples(), SOURCE.context());
            Path shard = folder.resolve("shard");
            new HessianCollector(backend, model).collect(windows, 0, SOURCE.samples(), shard, Progress.NONE);
            for (LinearGroup group : model.linearGroups()) {
                Files.createDirectories(hessians.resolve(String.valueOf(group.block())));
                String name = group.path() + ".safetensors";
                HessianReducer.reduce(List.of(shard.resolve(name)), List.of(), hessians.resolve(name));
            }
        }
        return hessians;
    }
}
