/** Errors of the REST API as RFC 9457 problem details. */
@NullMarked
package dev.quipforge.gateway.problem;

import org.jspecify.annotations.NullMarked;
