/** The families of operations on a GPU, with the tables and buffers they keep there. */
@NullMarked
package dev.quipforge.cuda.ops;

import org.jspecify.annotations.NullMarked;
