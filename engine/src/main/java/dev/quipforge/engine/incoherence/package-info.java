/** Incoherence processing: fast Hadamard transforms and random sign vectors. */
@NullMarked
package dev.quipforge.engine.incoherence;

import org.jspecify.annotations.NullMarked;
