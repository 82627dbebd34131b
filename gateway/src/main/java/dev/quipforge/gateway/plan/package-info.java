/** What a job consists of: stages, tasks, their order and the names of their results. Pure functions. */
@NullMarked
package dev.quipforge.gateway.plan;

import org.jspecify.annotations.NullMarked;
