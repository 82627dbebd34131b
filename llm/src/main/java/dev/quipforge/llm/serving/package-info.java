/** An engine that continues many texts at once: pages of keys and values, a scheduler, one thread. */
@NullMarked
package dev.quipforge.llm.serving;

import org.jspecify.annotations.NullMarked;
