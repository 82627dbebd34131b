package dev.quipforge.contracts;

import org.jspecify.annotations.Nullable;

/**
 * Original against quantized on one text.
 *
 * @param originalPerplexity perplexity of the original
 * @param quantizedPerplexity perplexity of the quantized model
 * @param meanDivergence mean over positions of D(original ‖ quantized), in nats
 * @param topAgreement fraction of positions at which both rank the same token first
 * @param tokens tokens predicted
 * @param windows windows of text
 * @param window tokens of one window, special tokens included
 * @param specialTokens special tokens at the beginning of every window, which are not predicted; null when there are none, as in
 *     figures measured before there could be any
 */
public record Evaluation(
        double originalPerplexity,
        double quantizedPerplexity,
        double meanDivergence,
        double topAgreement,
        long tokens,
        int windows,
        int window,
        @Nullable Integer specialTokens) {}
