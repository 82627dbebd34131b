/** Quantization of groups of linears, assembly and publication of checkpoints. */
@NullMarked
package dev.quipforge.quantizer;

import org.jspecify.annotations.NullMarked;
