/** Task and event messages, and the names of artifacts: only data, no dependencies. */
@NullMarked
package dev.quipforge.contracts;

import org.jspecify.annotations.NullMarked;
