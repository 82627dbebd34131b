package dev.quipforge.llm.evaluation;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.tokenizer.TextWindows;

/**
 * The perplexity of a text: exp of the mean negative log-likelihood of tokens 2 to n of every window of n. Where windows begin
 * with special tokens these are never predicted; the first token behind one is.
 *
 * @param perplexity the perplexity
 * @param tokens tokens predicted, windows · (window − 1) where windows begin with at most one special token
 * @param windows number of windows
 * @param window tokens of one window, special tokens included
 * @param specialTokens special tokens at the beginning of every window
 */
public record Perplexity(double perplexity, long tokens, int windows, int window, int specialTokens) {

    /** The window length that the figures of this project are measured with. */
    public static final int WINDOW = 512;

    /**
     * Measures a model, block by block, so that it may be larger than the backend's memory.
     *
     * @param backend where to compute
     * @param model original or quantized
     * @param windows of its tokenizer
     * @param progress hears how it goes
     */
    public static Perplexity measure(
            ComputeBackend backend, ModelDirectory model, TextWindows windows, Progress progress) {
        return measure(backend, new LogitWalk(backend, model), windows, progress);
    }

    static Perplexity measure(ComputeBackend backend, LogitWalk walk, TextWindows windows, Progress progress) {
        Score score = new Score();
        walk.run(
                windows,
                progress,
                (logits, targets) -> score.add(backend.transformer().logProbabilities(logits.getFirst(), targets)));
        return score.perplexity(windows);
    }

    /** A running sum of log-probabilities. */
    static final class Score {

        private double sum;
        private long tokens;

        void add(double[] logProbabilities) {
            for (double logProbability : logProbabilities) {
                sum += logProbability;
            }
            tokens += logProbabilities.length;
        }

        long tokens() {
            return tokens;
        }

        Perplexity perplexity(TextWindows windows) {
            return new Perplexity(
                    Math.exp(-sum / tokens),
                    tokens,
                    windows.tokens().size(),
                    windows.length(),
                    windows.specialTokens());
        }
    }
}
