/** Strict reading of JSON that others wrote. */
@NullMarked
package dev.quipforge.llm.json;

import org.jspecify.annotations.NullMarked;
