/** The quipforge command. */
@NullMarked
package dev.quipforge.cli;

import org.jspecify.annotations.NullMarked;
