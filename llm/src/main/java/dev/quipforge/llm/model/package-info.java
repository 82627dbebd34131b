/** A checked Hugging Face directory: config, weights, tokenizer, and the linears that can be quantized. */
@NullMarked
package dev.quipforge.llm.model;

import org.jspecify.annotations.NullMarked;
