/** Hugging Face {@code config.json} in its forms. */
@NullMarked
package dev.quipforge.llm.config;

import org.jspecify.annotations.NullMarked;
