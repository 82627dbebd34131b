/** Commands about what there is to compute on. */
@NullMarked
package dev.quipforge.cli.device;

import org.jspecify.annotations.NullMarked;
