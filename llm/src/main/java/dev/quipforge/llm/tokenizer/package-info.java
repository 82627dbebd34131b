/** Hugging Face {@code tokenizer.json}. */
@NullMarked
package dev.quipforge.llm.tokenizer;

import org.jspecify.annotations.NullMarked;
