/** The files of a finished job. */
@NullMarked
package dev.quipforge.gateway.artifact;

import org.jspecify.annotations.NullMarked;
