/** The commands that speak of jobs. */
@NullMarked
package dev.quipforge.cli.job;

import org.jspecify.annotations.NullMarked;
