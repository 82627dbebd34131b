/** Bit layouts of the codes. */
@NullMarked
package dev.quipforge.engine.packing;

import org.jspecify.annotations.NullMarked;
