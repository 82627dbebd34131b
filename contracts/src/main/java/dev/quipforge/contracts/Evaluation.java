package dev.quipforge.contracts;

/**
 * Original against quantized on one text.
 *
 * @param originalPerplexity perplexity of the original
 * @param quantizedPerplexity perplexity of the quantized model
 * @param meanDivergence mean over positions of D(original ‖ quantized), in nats
 * @param topAgreement fraction of positions at which both rank the same token first
 * @param tokens tokens predicted
 * @param windows windows of text
 * @param window tokens of one window
 */
public record Evaluation(
        double originalPerplexity,
        double quantizedPerplexity,
        double meanDivergence,
        double topAgreement,
        long tokens,
        int windows,
        int window) {}
