/** An architecture as data: what the blocks of a model compute, and where their weights stand in its files. */
@NullMarked
package dev.quipforge.llm.architecture;

import org.jspecify.annotations.NullMarked;
