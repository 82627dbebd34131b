package dev.quipforge.cli.local;

import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.config.TuningMode;
import dev.quipforge.llm.config.TuningPreset;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that say what to tune. */
final class TuningOptions {

    @Option(
            names = "--tuning",
            paramLabel = "WHAT",
            defaultValue = "none",
            description =
                    "none, blocks, or blocks+end-to-end: tuned to the original after rounding, which takes many times as"
                            + " long and loses half as much (default: ${DEFAULT-VALUE}).")
    private String mode = "";

    @Option(
            names = "--tuning-preset",
            paramLabel = "PRESET",
            defaultValue = "standard",
            description = "standard, or fast: a third of the time for most of the effect (default: ${DEFAULT-VALUE}).")
    private String preset = "";

    /** What the options ask for, with the settings for a model of the size of that in {@code directory}. */
    TuningConfig config(Path directory) {
        TuningMode what = TuningMode.of(mode);
        TuningPreset how = TuningPreset.of(preset);
        return what == TuningMode.NONE ? TuningConfig.none() : TuningConfig.of(what, how, ConfigReader.read(directory));
    }
}
