package dev.quipforge.llm.checkpoint;

import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationNames;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.config.TuningMode;
import dev.quipforge.llm.evaluation.Comparison;
import dev.quipforge.llm.file.AtomicFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The {@code README.md} of a checkpoint: what it is, how it was made, what was measured. */
public final class ModelCard {

    /** Name of the file. */
    public static final String FILE = "README.md";

    private ModelCard() {}

    /** As {@link #write(Path, String, QuantizationScheme, TuningMode, ModelFigures)}, of a model that was not tuned. */
    public static void write(Path directory, String name, QuantizationScheme scheme, ModelFigures figures) {
        write(directory, name, scheme, TuningMode.NONE, figures);
    }

    /**
     * Writes the card.
     *
     * @param directory the checkpoint
     * @param name name of the original model
     * @param scheme how it was quantized, with paths of groups
     * @param tuning what was tuned afterwards
     * @param figures what was measured
     */
    public static void write(
            Path directory, String name, QuantizationScheme scheme, TuningMode tuning, ModelFigures figures) {
        AtomicFile.writeText(directory.resolve(FILE), text(name, scheme, tuning, figures));
    }

    private static String text(String name, QuantizationScheme scheme, TuningMode tuning, ModelFigures figures) {
        QuantizationConfig config = scheme.standard();
        QuantizationNames names = QuantizationNames.of(config);
        return """
                ---
                base_model: %s
                tags: [quipforge, %s]
                ---

                # %s, %s bits per weight

                Quantized by quipforge with %s, code %s, %d bits%s; rounding %s, transform %s, \
                %d passes of coordinate descent, seed %d. %s%s

                | figure | value |
                | --- | --- |
                | weights, original | %s bytes |
                | weights, quantized | %s bytes |
                %s| stored bits per quantized weight | %s |
                | mean relative proxy loss | %s |
                %s
                `SHA256SUMS` holds the checksums of all files: `sha256sum -c SHA256SUMS`.
                """.formatted(
                        name,
                        tags(scheme),
                        name,
                        scheme.isUniform() ? config.bits() : decimal(figures.bitsPerWeight(), 2),
                        title(config),
                        names.code(),
                        names.bits(),
                        config.isTrellis() ? ", tail-biting " + names.tailBiting() : "",
                        names.rounding(),
                        names.transform(),
                        names.passes(),
                        names.seed(),
                        overrides(scheme),
                        sentence(tuning),
                        count(figures.originalBytes()),
                        count(figures.quantizedBytes()),
                        figures.linears()
                                .map(linears -> parts(linears, figures.quantizedBytes()))
                                .orElse(""),
                        decimal(figures.bitsPerWeight(), 3),
                        decimal(figures.meanProxyLoss(), 5),
                        figures.comparison().map(ModelCard::rows).orElse(""));
    }

    private static String parts(ModelFigures.Linears linears, long quantizedBytes) {
        return """
                | of these, linears | %s bytes |
                | of these, embedding, head and norms | %s bytes |
                | stored bits per parameter of the whole model | %s |
                """.formatted(
                        count(linears.bytes()),
                        count(quantizedBytes - linears.bytes()),
                        decimal(linears.bitsPerParameter(quantizedBytes), 3));
    }

    /** The methods and the bits that occur. */
    private static String tags(QuantizationScheme scheme) {
        SortedSet<String> methods = new TreeSet<>();
        SortedSet<Integer> bits = new TreeSet<>();
        Stream.concat(Stream.of(scheme.standard()), scheme.overrides().values().stream())
                .forEach(config -> {
                    methods.add(config.method().key());
                    bits.add(config.bits());
                });
        return Stream.concat(methods.stream(), bits.stream().map(number -> number + "-bit"))
                .collect(Collectors.joining(", "));
    }

    /** The groups that have settings of their own, those with the same settings together. */
    private static String overrides(QuantizationScheme scheme) {
        Map<QuantizationConfig, List<String>> groups = new LinkedHashMap<>();
        scheme.overrides()
                .forEach((group, config) ->
                        groups.computeIfAbsent(config, _ -> new ArrayList<>()).add("`" + group + "`"));
        return groups.entrySet().stream()
                .map(entry -> "With %s, code %s, %d bits instead: %s. "
                        .formatted(
                                title(entry.getKey()),
                                entry.getKey().code().key(),
                                entry.getKey().bits(),
                                String.join(", ", entry.getValue())))
                .collect(Collectors.joining());
    }

    private static String sentence(TuningMode tuning) {
        return switch (tuning) {
            case NONE -> "Embeddings, norms and head are those of the original.";
            case BLOCKS ->
                "Sign vectors and norms were tuned, block by block, to the output of the original's blocks; embeddings and"
                        + " head are those of the original.";
            case BLOCKS_AND_END_TO_END ->
                "Sign vectors and norms were tuned to the original, block by block, and then with the head end to end;"
                        + " embeddings are those of the original.";
        };
    }

    private static String title(QuantizationConfig config) {
        return switch (config.method()) {
            case QTIP -> "QTIP";
            case QUIP_SHARP -> "QuIP#";
            case QUIP -> "QuIP";
        };
    }

    private static String rows(Comparison comparison) {
        return """
                | perplexity, original | %s |
                | perplexity, quantized | %s |
                | mean KL divergence from the original | %s nats |
                | agreement on the most probable token | %s %% |

                Perplexity over %d windows of %d tokens%s.
                """.formatted(
                        decimal(comparison.original().perplexity(), 3),
                        decimal(comparison.quantized().perplexity(), 3),
                        decimal(comparison.meanDivergence(), 4),
                        decimal(100 * comparison.topAgreement(), 2),
                        comparison.original().windows(),
                        comparison.original().window(),
                        comparison.original().specialTokens() == 0
                                ? ""
                                : ", each behind the tokenizer's own beginning of a text");
    }

    private static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String decimal(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
