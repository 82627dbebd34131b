/** What a client asks for: the JSON of a job, checked and completed with defaults. */
@NullMarked
package dev.quipforge.gateway.request;

import org.jspecify.annotations.NullMarked;
