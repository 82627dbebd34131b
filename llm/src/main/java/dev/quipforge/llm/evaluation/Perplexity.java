package dev.quipforge.llm.evaluation;

import dev.quipforge.llm.Progress;
import dev.quipforge.llm.transformer.Llama;
import java.util.List;

/**
 * The perplexity of a text: exp of the mean negative log-likelihood of tokens 2 to n of every window of n.
 *
 * @param perplexity the perplexity
 * @param tokens tokens predicted, windows · (window − 1)
 * @param windows number of windows
 * @param window tokens of one window
 */
public record Perplexity(double perplexity, long tokens, int windows, int window) {

    /** The window length that the figures of this project are measured with. */
    public static final int WINDOW = 512;

    /**
     * Measures {@code model} on windows of equal length, such as those of
     * {@link dev.quipforge.llm.tokenizer.TextWindows}.
     */
    public static Perplexity measure(Llama model, List<int[]> windows, Progress progress) {
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

        Perplexity perplexity(List<int[]> windows) {
            return new Perplexity(Math.exp(-sum / tokens), tokens, windows.size(), windows.getFirst().length);
        }
    }
}
