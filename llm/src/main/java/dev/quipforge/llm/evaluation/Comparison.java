package dev.quipforge.llm.evaluation;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.TransformerOps;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.tokenizer.TextWindows;

/**
 * A quantized model against its original on one text.
 *
 * @param original perplexity of the original
 * @param quantized perplexity of the quantized model
 * @param meanDivergence mean over all predicted tokens of D(original ‖ quantized), in nats
 * @param topAgreement fraction of predicted tokens for which both rank the same token first
 */
public record Comparison(Perplexity original, Perplexity quantized, double meanDivergence, double topAgreement) {

    /**
     * Measures both models, block by block, so that each may be larger than the backend's memory.
     *
     * @param backend where to compute
     * @param original the original
     * @param quantized what became of it
     * @param windows of their tokenizer
     * @param progress hears how it goes
     * @throws InvalidModelException when the vocabularies differ
     */
    public static Comparison measure(
            ComputeBackend backend,
            ModelDirectory original,
            ModelDirectory quantized,
            TextWindows windows,
            Progress progress) {
        int vocabulary = original.config().vocabulary();
        if (quantized.config().vocabulary() != vocabulary) {
            throw new InvalidModelException(
                    "vocab_size", quantized.config().vocabulary() + " (expected: " + vocabulary + " as the original)");
        }
        return measure(backend, new LogitWalk(backend, original, quantized), windows, progress);
    }

    static Comparison measure(ComputeBackend backend, LogitWalk walk, TextWindows windows, Progress progress) {
        Sums sums = new Sums(backend.transformer());
        walk.run(windows, progress, (logits, targets) -> {
            sums.original.add(sums.operations.logProbabilities(logits.get(0), targets));
            sums.quantized.add(sums.operations.logProbabilities(logits.get(1), targets));
            sums.addDivergences(sums.operations.divergence(logits.get(0), logits.get(1)));
            sums.addAgreements(sums.operations.argmaxRows(logits.get(0)), sums.operations.argmaxRows(logits.get(1)));
        });
        return sums.comparison(windows);
    }

    private static final class Sums {

        private final TransformerOps operations;
        private final Perplexity.Score original = new Perplexity.Score();
        private final Perplexity.Score quantized = new Perplexity.Score();
        private double divergence;
        private long agreements;

        Sums(TransformerOps operations) {
            this.operations = operations;
        }

        void addDivergences(double[] divergences) {
            for (double value : divergences) {
                divergence += value;
            }
        }

        void addAgreements(int[] first, int[] second) {
            for (int i = 0; i < first.length; i++) {
                agreements += first[i] == second[i] ? 1 : 0;
            }
        }

        Comparison comparison(TextWindows windows) {
            double tokens = original.tokens();
            return new Comparison(
                    original.perplexity(windows),
                    quantized.perplexity(windows),
                    divergence / tokens,
                    agreements / tokens);
        }
    }
}
