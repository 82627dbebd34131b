/** What the engine's operations cost on the machine at hand, in time and in error. */
@NullMarked
package dev.quipforge.benchmarks;

import org.jspecify.annotations.NullMarked;
