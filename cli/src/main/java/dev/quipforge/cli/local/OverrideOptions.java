package dev.quipforge.cli.local;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.config.QuantizationCode;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationNames;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that gives some groups of linears settings of their own. */
public final class OverrideOptions {

    /** Its name. */
    public static final String OPTION = "--override";

    @Option(
            names = OPTION,
            paramLabel = "GROUPS=[CODE:]BITS",
            description =
                    "Other bits, or another code, for some groups of linears: by path, such as 0/mlp-down=4, or by a glob over"
                            + " paths, such as '*/mlp-down=4' or '{0,1}/*=e8p:3'. May be repeated.")
    private Map<String, String> overrides = new LinkedHashMap<>();

    /**
     * What a group gets.
     *
     * @param code name of its code; null for that of all others
     * @param bits bits per weight
     */
    public record CodeChoice(@Nullable String code, int bits) {}

    /**
     * The overrides by path or glob, in the order of the command line.
     *
     * @param overrides {@code [CODE:]BITS} by path or glob
     * @throws InvalidModelException naming one that is not {@code [CODE:]BITS}
     */
    public static Map<String, CodeChoice> choices(Map<String, String> overrides) {
        Map<String, CodeChoice> asked = new LinkedHashMap<>();
        overrides.forEach((groups, text) -> asked.put(groups, parse(groups, text)));
        return asked;
    }

    /** The settings of each: those of {@code standard} with its own code and bits. */
    SortedMap<String, QuantizationConfig> over(QuantizationConfig standard) {
        SortedMap<String, QuantizationConfig> settings = new TreeMap<>();
        choices(overrides).forEach((groups, own) -> {
            QuantizationCode code = own.code == null ? standard.code() : QuantizationNames.code(own.code);
            settings.put(groups, standard.with(code, own.bits));
        });
        return settings;
    }

    private static CodeChoice parse(String groups, String text) {
        int colon = text.lastIndexOf(':');
        try {
            int bits = Integer.parseInt(text.substring(colon + 1));
            return new CodeChoice(colon < 0 ? null : text.substring(0, colon), bits);
        } catch (NumberFormatException e) {
            throw new InvalidModelException(
                    OPTION,
                    groups + "=" + text + " (expected: GROUPS=BITS or GROUPS=CODE:BITS, such as */mlp-down=4)",
                    e);
        }
    }
}
