/** Products of vectors with packed matrices: one loop for each way of making values of codes. */
@NullMarked
package dev.quipforge.engine.compute.vector.packed;

import org.jspecify.annotations.NullMarked;
