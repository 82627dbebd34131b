package dev.quipforge.inference.openai;

import dev.quipforge.llm.sampling.Sampling;

/**
 * A request for a completion.
 *
 * @param model name of the model
 * @param prompt the text to continue
 * @param sampling how
 * @param stream whether the answer comes piece by piece
 * @param usageInStream whether a stream ends with the counts of tokens
 */
record CompletionRequest(String model, String prompt, Sampling sampling, boolean stream, boolean usageInStream) {}
