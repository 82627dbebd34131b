/** From a text to Hessians: windows of tokens, sums over activations, their reduction. */
@NullMarked
package dev.quipforge.llm.calibration;

import org.jspecify.annotations.NullMarked;
