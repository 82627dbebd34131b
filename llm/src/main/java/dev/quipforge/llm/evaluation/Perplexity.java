package dev.quipforge.llm.evaluation;

import dev.quipforge.llm.Progress;
import dev.quipforge.llm.tokenizer.TextWindows;
import dev.quipforge.llm.transformer.Decoder;

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

    /** Measures {@code model} on windows of its tokenizer. */
    public static Perplexity measure(Decoder model, TextWindows windows, Progress progress) {
        Score score = new Score();
        new LogitWalk(model)
                .run(
                        windows,
                        progress,
                        (logits, targets) ->
                                score.add(model.backend().transformer().logProbabilities(logits.getFirst(), targets)));
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
