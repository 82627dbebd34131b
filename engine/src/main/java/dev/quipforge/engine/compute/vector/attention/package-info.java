/** Causal attention by tiles and rotary positions, forward and backward. */
@NullMarked
package dev.quipforge.engine.compute.vector.attention;

import org.jspecify.annotations.NullMarked;
