package dev.quipforge.cli.job;

import dev.quipforge.cli.local.OverrideOptions;
import dev.quipforge.cli.terminal.CommandFailure;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** The options that say what a new job is to do. */
final class SubmittedJob {

    @Option(names = "--model", paramLabel = "DIR", description = "A Hugging Face directory.")
    private @Nullable Path model;

    @Option(names = "--name", paramLabel = "NAME", description = "A name for people.")
    private @Nullable String name;

    @Option(names = "--method", paramLabel = "METHOD", description = "qtip, quip-sharp or quip.")
    private @Nullable String method;

    @Option(
            names = "--code",
            paramLabel = "CODE",
            description = "A code of the method: 3inst, 1mad, hyb, lut, mcg, mul1, pair; e8p; uniform, lloyd-max.")
    private @Nullable String code;

    @Option(names = "--bits", paramLabel = "BITS", description = "Bits per weight: 2, 3 or 4.")
    private @Nullable Integer bits;

    @Option(names = "--tail-biting", paramLabel = "HOW", description = "seam or exact.")
    private @Nullable String tailBiting;

    @Option(
            names = "--rounding",
            paramLabel = "HOW",
            description = "ldlq, or for quip ldlq-rg, greedy, nearest, stochastic.")
    private @Nullable String rounding;

    @Option(names = "--transform", paramLabel = "KIND", description = "hadamard or kronecker.")
    private @Nullable String transform;

    @Option(names = "--passes", paramLabel = "N", description = "Passes of coordinate descent after LDLQ.")
    private @Nullable Integer passes;

    @Option(names = "--seed", paramLabel = "N", description = "Decides all that is drawn.")
    private @Nullable Long seed;

    @Option(
            names = "--tuning",
            paramLabel = "WHAT",
            description = "none, blocks, or blocks+end-to-end: tuned to the original after rounding.")
    private @Nullable String tuning;

    @Option(
            names = "--tuning-preset",
            paramLabel = "PRESET",
            description = "standard, or fast: a third of the time for most of the effect.")
    private @Nullable String tuningPreset;

    @Option(
            names = "--calibration",
            paramLabel = "FILE",
            description = "A UTF-8 text to calibrate on, or self-generated: the model writes the windows itself.")
    private @Nullable Path calibration;

    @Option(names = "--samples", paramLabel = "N", description = "Windows of the text to take, or to write.")
    private @Nullable Integer samples;

    @Option(names = "--context", paramLabel = "N", description = "Tokens of one window.")
    private @Nullable Integer context;

    @Option(names = "--evaluation", paramLabel = "FILE", description = "A UTF-8 text to measure on.")
    private @Nullable Path evaluation;

    @Option(names = "--window", paramLabel = "N", description = "Tokens of one window of the evaluation.")
    private @Nullable Integer window;

    @Option(
            names = OverrideOptions.OPTION,
            paramLabel = "GROUPS=[CODE:]BITS",
            description =
                    "Other bits, or another code, for some groups of linears, such as '*/mlp-down=4'. May be repeated.")
    private Map<String, String> overrides = new LinkedHashMap<>();

    /** The request these options make. */
    JsonNode request() {
        if (model == null) {
            throw new CommandFailure(CommandFailure.USAGE, "--model: missing (expected: a Hugging Face directory)");
        }
        return new JobRequest(model)
                .name(name)
                .recipe("method", method)
                .recipe("code", code)
                .recipe("bits", bits)
                .recipe("tailBiting", tailBiting)
                .recipe("rounding", rounding)
                .recipe("transform", transform)
                .recipe("passes", passes)
                .recipe("seed", seed)
                .recipe("overrides", overrides.isEmpty() ? null : OverrideOptions.choices(overrides))
                .tuning("mode", tuning)
                .tuning("preset", tuningPreset)
                .calibrationOn(calibration)
                .calibration("samples", samples)
                .calibration("context", context)
                .evaluation("text", evaluation)
                .evaluation("window", window)
                .json();
    }
}
