/**
 * Fine-tuning of quantized models: activations of the original, block by block and end to end, with validation, checkpoints
 * and reports.
 */
@NullMarked
package dev.quipforge.llm.tuning;

import org.jspecify.annotations.NullMarked;
