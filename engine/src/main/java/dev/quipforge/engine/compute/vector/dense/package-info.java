/**
 * Products by panels, on OpenBLAS or the Vector API, with the dense operations and factorizations that are made of them.
 */
@NullMarked
package dev.quipforge.engine.compute.vector.dense;

import org.jspecify.annotations.NullMarked;
