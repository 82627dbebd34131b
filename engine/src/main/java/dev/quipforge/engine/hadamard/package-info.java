/** Orthogonal Hadamard matrices of the orders that linears have, as plans that a backend carries out. */
@NullMarked
package dev.quipforge.engine.hadamard;

import org.jspecify.annotations.NullMarked;
