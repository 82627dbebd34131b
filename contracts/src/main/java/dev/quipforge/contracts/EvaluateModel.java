package dev.quipforge.contracts;

/**
 * Command: perplexity of the original and of the quantized model on a text, and the divergence between them.
 * Result: {@link TaskResult.ModelEvaluated}.
 *
 * @param original prefix of the imported model
 * @param quantized prefix of the assembled checkpoint
 * @param text key of the text
 * @param window tokens of one window
 * @param output key of the figures as JSON
 */
public record EvaluateModel(String original, String quantized, String text, int window, String output)
        implements Task {}
