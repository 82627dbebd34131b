/** The figures of a finished job. */
@NullMarked
package dev.quipforge.gateway.report;

import org.jspecify.annotations.NullMarked;
