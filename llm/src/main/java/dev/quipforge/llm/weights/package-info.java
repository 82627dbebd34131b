/** Weights in a backend's memory, from whatever they are stored as: dense tensors, codes with scales, codes of quantization. */
@NullMarked
package dev.quipforge.llm.weights;

import org.jspecify.annotations.NullMarked;
