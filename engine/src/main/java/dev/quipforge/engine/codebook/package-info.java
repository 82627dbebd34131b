/** Codebooks of fixed dimension: the scalar grids of QuIP, E8P and its residual forms of QuIP#. */
@NullMarked
package dev.quipforge.engine.codebook;

import org.jspecify.annotations.NullMarked;
