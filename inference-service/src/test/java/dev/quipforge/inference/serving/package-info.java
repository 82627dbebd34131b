/** Models in memory. */
@NullMarked
package dev.quipforge.inference.serving;

import org.jspecify.annotations.NullMarked;
