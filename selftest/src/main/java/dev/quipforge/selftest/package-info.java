/** The contract suite of the compute backends, run on a device of this machine. */
@NullMarked
package dev.quipforge.selftest;

import org.jspecify.annotations.NullMarked;
