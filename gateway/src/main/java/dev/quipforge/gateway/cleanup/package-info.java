/** Removing what only serves jobs while they run. */
@NullMarked
package dev.quipforge.gateway.cleanup;

import org.jspecify.annotations.NullMarked;
