/** What QuIP does to weights and Hessian before they are rounded, and how incoherent they are before and after. */
@NullMarked
package dev.quipforge.engine.conditioning;

import org.jspecify.annotations.NullMarked;
