/** Quantized checkpoints as Hugging Face directories: weights, config, model card, checksums. */
@NullMarked
package dev.quipforge.llm.checkpoint;

import org.jspecify.annotations.NullMarked;
