/** The standalone as a process: starting, finding and stopping it. */
@NullMarked
package dev.quipforge.cli.platform;

import org.jspecify.annotations.NullMarked;
