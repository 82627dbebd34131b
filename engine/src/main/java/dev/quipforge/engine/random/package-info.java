/** Seeded random generators that give the same draws on any machine. */
@NullMarked
package dev.quipforge.engine.random;

import org.jspecify.annotations.NullMarked;
