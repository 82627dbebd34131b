/** The commands that measure the engine on this machine. */
@NullMarked
package dev.quipforge.cli.benchmark;

import org.jspecify.annotations.NullMarked;
