/** Models that are loaded, for as long as they are asked for and memory allows. */
@NullMarked
package dev.quipforge.inference.serving;

import org.jspecify.annotations.NullMarked;
