/** The tasks of a job and their attempts, in PostgreSQL. */
@NullMarked
package dev.quipforge.gateway.task;

import org.jspecify.annotations.NullMarked;
