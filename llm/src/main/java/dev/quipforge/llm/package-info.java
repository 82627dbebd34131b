/** Models: files in and out, the transformer, calibration, quantization, tuning, evaluation. What every package here shares. */
@NullMarked
package dev.quipforge.llm;

import org.jspecify.annotations.NullMarked;
