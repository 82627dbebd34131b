/** Runs jobs: turns task events into states, further tasks and commands. */
@NullMarked
package dev.quipforge.gateway.saga;

import org.jspecify.annotations.NullMarked;
