/**
 * Incoherence processing: random signs and orthogonal transforms of weights and Hessian, QuIP's rescaling of columns, and
 * how incoherent both are before and after.
 */
@NullMarked
package dev.quipforge.engine.incoherence;

import org.jspecify.annotations.NullMarked;
