package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.Matrix;

/**
 * The buffers that a quantized linear computes in. All blocks share them, since only one block computes at a time.
 *
 * @param weight W, [outputs × inputs]
 * @param gradient with respect to W; zero between backward passes
 * @param transposedGradient temporary, [inputs × outputs]
 * @param transposedWeight temporary, likewise
 */
record LinearBuffers(Matrix weight, Matrix gradient, Matrix transposedGradient, Matrix transposedWeight) {}
