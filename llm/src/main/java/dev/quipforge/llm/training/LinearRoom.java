package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.Matrix;

/**
 * Room in which a quantized linear computes. Blocks take turns in the same room: only one of them is at work.
 *
 * @param weight W, [outputs × inputs]
 * @param gradient with respect to W; zero between backward passes
 * @param transposedGradient temporary, [inputs × outputs]
 * @param transposedWeight temporary, likewise
 */
record LinearRoom(Matrix weight, Matrix gradient, Matrix transposedGradient, Matrix transposedWeight) {}
