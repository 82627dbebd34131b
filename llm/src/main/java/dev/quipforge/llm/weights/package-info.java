/** Weights in a backend's memory: dense tensors, and linears decoded from their codes. */
@NullMarked
package dev.quipforge.llm.weights;

import org.jspecify.annotations.NullMarked;
