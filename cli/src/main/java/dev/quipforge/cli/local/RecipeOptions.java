package dev.quipforge.cli.local;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.config.QuantizationCode;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationMethod;
import dev.quipforge.llm.config.QuantizationNames;
import dev.quipforge.llm.config.QuantizationScheme;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say how to quantize. */
final class RecipeOptions {

    @Option(
            names = "--method",
            paramLabel = "METHOD",
            defaultValue = "qtip",
            description = "qtip, quip-sharp or quip (default: ${DEFAULT-VALUE}).")
    private String method = "";

    @Option(
            names = "--code",
            paramLabel = "CODE",
            description =
                    "qtip: 3inst (default), 1mad, hyb, lut, mcg, mul1, pair; quip-sharp: e8p; quip: uniform (default),"
                            + " lloyd-max.")
    private @Nullable String code;

    @Option(names = "--bits", paramLabel = "BITS", required = true, description = "Bits per weight: 2, 3 or 4.")
    private int bits;

    @Option(
            names = "--tail-biting",
            paramLabel = "HOW",
            defaultValue = "seam",
            description = "For qtip: seam, or exact: slower, a little better (default: ${DEFAULT-VALUE}).")
    private String tailBiting = "";

    @Option(
            names = "--rounding",
            paramLabel = "HOW",
            defaultValue = "ldlq",
            description = "ldlq, or for quip ldlq-rg, greedy, nearest, stochastic (default: ${DEFAULT-VALUE}).")
    private String rounding = "";

    @Option(
            names = "--transform",
            paramLabel = "KIND",
            defaultValue = "hadamard",
            description = "hadamard, or kronecker: QuIP's own (default: ${DEFAULT-VALUE}).")
    private String transform = "";

    @Option(
            names = "--passes",
            paramLabel = "N",
            description = "Passes of coordinate descent after ldlq (default: 10 for quip-sharp, otherwise 0).")
    private @Nullable Integer passes;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Decides all that is drawn (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Mixin
    private OverrideOptions overrides = new OverrideOptions();

    /**
     * What the options ask for.
     *
     * @throws InvalidModelException naming the option that is wrong
     */
    QuantizationScheme scheme() {
        QuantizationConfig standard = standard();
        return new QuantizationScheme(standard, overrides.over(standard));
    }

    private QuantizationConfig standard() {
        QuantizationMethod known = QuantizationNames.method(method);
        return new QuantizationNames(
                        method,
                        code == null ? QuantizationCode.of(known).getFirst().key() : code,
                        bits,
                        tailBiting,
                        rounding,
                        transform,
                        passes == null ? QuantizationNames.usualPasses(method, rounding) : passes,
                        seed)
                .config();
    }
}
