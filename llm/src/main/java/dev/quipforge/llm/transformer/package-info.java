/** The forward and backward passes of decoders over a compute backend, block by block or whole, with a key/value cache. */
@NullMarked
package dev.quipforge.llm.transformer;

import org.jspecify.annotations.NullMarked;
