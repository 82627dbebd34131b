package dev.quipforge.llm.checkpoint;

import dev.quipforge.llm.evaluation.Comparison;
import dev.quipforge.llm.file.AtomicFile;
import dev.quipforge.llm.quantization.QuantizationSettings;
import java.nio.file.Path;
import java.util.Locale;

/** The {@code README.md} of a checkpoint: what it is, how it was made, what was measured. */
public final class ModelCard {

    /** Name of the file. */
    public static final String FILE = "README.md";

    private ModelCard() {}

    /**
     * Writes the card.
     *
     * @param directory the checkpoint
     * @param name name of the original model
     * @param settings how it was quantized
     * @param figures what was measured
     */
    public static void write(Path directory, String name, QuantizationSettings settings, ModelFigures figures) {
        AtomicFile.writeText(directory.resolve(FILE), text(name, settings, figures));
    }

    private static String text(String name, QuantizationSettings settings, ModelFigures figures) {
        return """
                ---
                base_model: %s
                tags: [quipforge, %s, %d-bit]
                ---

                # %s, %d bits per weight

                Quantized by quipforge with %s, code %s, %d bits, \
                16-bit trellis states, tiles of 16 x 16, randomized Hadamard transform, BlockLDLQ; seed %d, \
                tail-biting %s. Embeddings, norms and head are those of the original.

                | figure | value |
                | --- | --- |
                | weights, original | %s bytes |
                | weights, quantized | %s bytes |
                | stored bits per quantized weight | %s |
                | mean relative proxy loss | %s |
                %s
                `SHA256SUMS` holds the checksums of all files: `sha256sum -c SHA256SUMS`.
                """.formatted(
                        name,
                        settings.method(),
                        settings.bits(),
                        name,
                        settings.bits(),
                        settings.method().toUpperCase(Locale.ROOT),
                        settings.code(),
                        settings.bits(),
                        settings.seed(),
                        settings.tailBiting(),
                        String.format(Locale.ROOT, "%,d", figures.originalBytes()),
                        String.format(Locale.ROOT, "%,d", figures.quantizedBytes()),
                        decimal(figures.bitsPerWeight(), 3),
                        decimal(figures.meanProxyLoss(), 5),
                        figures.comparison().map(ModelCard::rows).orElse(""));
    }

    private static String rows(Comparison comparison) {
        return """
                | perplexity, original | %s |
                | perplexity, quantized | %s |
                | mean KL divergence from the original | %s nats |
                | agreement on the most probable token | %s %% |

                Perplexity over %d windows of %d tokens.
                """.formatted(
                        decimal(comparison.original().perplexity(), 3),
                        decimal(comparison.quantized().perplexity(), 3),
                        decimal(comparison.meanDivergence(), 4),
                        decimal(100 * comparison.topAgreement(), 2),
                        comparison.original().windows(),
                        comparison.original().window());
    }

    private static String decimal(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
