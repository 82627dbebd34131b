/** What happened to a job, in order: kept in PostgreSQL, streamed as server-sent events. */
@NullMarked
package dev.quipforge.gateway.event;

import org.jspecify.annotations.NullMarked;
