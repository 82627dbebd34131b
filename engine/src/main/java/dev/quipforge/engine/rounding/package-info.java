/** Adaptive rounding: block LDL, LDLQ, the proxy loss. */
@NullMarked
package dev.quipforge.engine.rounding;

import org.jspecify.annotations.NullMarked;
