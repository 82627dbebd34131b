package dev.quipforge.cli.local;

import dev.quipforge.cli.terminal.CommandFailure;
import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.config.TuningMode;
import dev.quipforge.llm.config.TuningPreset;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
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

    @Option(
            names = "--tuning-set",
            paramLabel = "SETTING=VALUE",
            description =
                    "Changes a setting of the preset, as often as given: validation, patience, and after blocks. or endToEnd."
                            + " vectorRate, weightRate, epochs, batch, accumulation, warmUp, floor.")
    private Map<String, Double> settings = new LinkedHashMap<>();

    /** What the options ask for, with the settings for a model of the size of that in {@code directory}. */
    TuningConfig config(Path directory) {
        TuningMode what = TuningMode.of(mode);
        TuningPreset how = TuningPreset.of(preset);
        if (what == TuningMode.NONE) {
            if (!settings.isEmpty()) {
                throw new CommandFailure(
                        CommandFailure.USAGE,
                        "--tuning-set: " + settings + " (expected: with --tuning blocks or blocks+end-to-end)");
            }
            return TuningConfig.none();
        }
        TuningConfig config = TuningConfig.of(what, how, ConfigReader.read(directory));
        for (Map.Entry<String, Double> setting : settings.entrySet()) {
            config = config.with(setting.getKey(), setting.getValue());
        }
        return config;
    }
}
