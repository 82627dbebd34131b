/** The bitshift trellis of QTIP and its codes. */
@NullMarked
package dev.quipforge.engine.trellis;

import org.jspecify.annotations.NullMarked;
