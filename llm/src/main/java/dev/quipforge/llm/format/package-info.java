/** How quantized linears are rounded, stored and decoded: one format for every method. */
@NullMarked
package dev.quipforge.llm.format;

import org.jspecify.annotations.NullMarked;
