/** Evaluation of models, and their serving. */
@NullMarked
package dev.quipforge.inference;

import org.jspecify.annotations.NullMarked;
