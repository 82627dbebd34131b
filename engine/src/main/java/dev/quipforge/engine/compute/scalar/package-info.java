/** The definition of every operation: obvious loops with double accumulators, written to be read. */
@NullMarked
package dev.quipforge.engine.compute.scalar;

import org.jspecify.annotations.NullMarked;
