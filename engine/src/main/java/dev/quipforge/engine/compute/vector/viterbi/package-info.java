/** Codes of a trellis on lanes: the search for the best walk, one sequence a thread, and tables that are trained. */
@NullMarked
package dev.quipforge.engine.compute.vector.viterbi;

import org.jspecify.annotations.NullMarked;
