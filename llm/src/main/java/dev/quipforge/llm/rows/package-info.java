/** Matrices of floats that are read a few rows at a time, however files store them, and their way into a backend's memory. */
@NullMarked
package dev.quipforge.llm.rows;

import org.jspecify.annotations.NullMarked;
