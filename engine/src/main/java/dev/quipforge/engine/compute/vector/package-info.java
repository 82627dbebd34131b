/** The fast twin of the scalar backend on the CPU: the Vector API, OpenBLAS and all cores. */
@NullMarked
package dev.quipforge.engine.compute.vector;

import org.jspecify.annotations.NullMarked;
