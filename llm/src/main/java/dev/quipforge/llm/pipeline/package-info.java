/** A whole quantization in this process. */
@NullMarked
package dev.quipforge.llm.pipeline;

import org.jspecify.annotations.NullMarked;
