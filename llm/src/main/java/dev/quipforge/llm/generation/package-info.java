/** Text from a model: sampling, streaming, stopping. */
@NullMarked
package dev.quipforge.llm.generation;

import org.jspecify.annotations.NullMarked;
