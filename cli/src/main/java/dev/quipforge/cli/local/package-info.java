/** The commands that compute in this process, without any service. */
@NullMarked
package dev.quipforge.cli.local;

import org.jspecify.annotations.NullMarked;
