/** Jobs: their states, their rows and their REST resource. */
@NullMarked
package dev.quipforge.gateway.job;

import org.jspecify.annotations.NullMarked;
