/** The demonstration: the demo model from end to end. */
@NullMarked
package dev.quipforge.cli.demo;

import org.jspecify.annotations.NullMarked;
