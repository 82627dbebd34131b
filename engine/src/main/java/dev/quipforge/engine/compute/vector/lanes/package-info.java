/**
 * What all operations of the vector backend share: lanes, rows, exponentials, the threads and the memory they lend.
 */
@NullMarked
package dev.quipforge.engine.compute.vector.lanes;

import org.jspecify.annotations.NullMarked;
