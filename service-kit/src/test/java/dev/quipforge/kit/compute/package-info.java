/** Devices that only say that they are open. */
@NullMarked
package dev.quipforge.kit.compute;

import org.jspecify.annotations.NullMarked;
