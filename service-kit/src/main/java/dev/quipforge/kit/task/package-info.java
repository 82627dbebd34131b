/** Taking tasks from a work queue, doing them one at a time, and saying how it went. */
@NullMarked
package dev.quipforge.kit.task;

import org.jspecify.annotations.NullMarked;
