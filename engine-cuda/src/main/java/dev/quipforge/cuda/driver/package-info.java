/** The driver API as JCuda has it: one device and its stream, memory, copies, and launches of our kernels. */
@NullMarked
package dev.quipforge.cuda.driver;

import org.jspecify.annotations.NullMarked;
