/**
 * The fast twin of the scalar backend on the CPU: the Vector API, OpenBLAS and all cores. Here are the backend itself and the two
 * families that need nothing but lanes; the packages below hold the others and do not know this one.
 */
@NullMarked
package dev.quipforge.engine.compute.vector;

import org.jspecify.annotations.NullMarked;
