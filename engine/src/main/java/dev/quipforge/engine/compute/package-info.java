/** The seam between mathematics and hardware: matrices, and families of whole operations on them. */
@NullMarked
package dev.quipforge.engine.compute;

import org.jspecify.annotations.NullMarked;
