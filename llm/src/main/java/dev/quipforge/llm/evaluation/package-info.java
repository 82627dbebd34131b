/** Perplexity of a model on a text, and the divergence of a quantized model from its original. */
@NullMarked
package dev.quipforge.llm.evaluation;

import org.jspecify.annotations.NullMarked;
