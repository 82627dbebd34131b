/** From {@code config.json} to an architecture: one class for every family of models. */
@NullMarked
package dev.quipforge.llm.family;

import org.jspecify.annotations.NullMarked;
