/** Files that are whole or absent. */
@NullMarked
package dev.quipforge.llm.file;

import org.jspecify.annotations.NullMarked;
