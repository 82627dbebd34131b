/** How tokens are drawn from logits. */
@NullMarked
package dev.quipforge.llm.sampling;

import org.jspecify.annotations.NullMarked;
