/**
 * The operations of a transformer and their gradients: gates, norms, losses and Adam by rows, attention from its own
 * package.
 */
@NullMarked
package dev.quipforge.engine.compute.vector.transformer;

import org.jspecify.annotations.NullMarked;
