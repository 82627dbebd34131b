/** Workers against a real broker. */
@NullMarked
package dev.quipforge.kit.task;

import org.jspecify.annotations.NullMarked;
