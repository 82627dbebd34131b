/** Linear layers in a backend's memory: dense, or products with codes that stay packed. */
@NullMarked
package dev.quipforge.llm.linear;

import org.jspecify.annotations.NullMarked;
