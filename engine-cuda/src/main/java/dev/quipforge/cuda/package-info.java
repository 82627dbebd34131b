/**
 * The CUDA backend. The packages below do not know this one: {@code ops} stands on {@code library}, which stands on {@code driver}.
 * Nothing outside them meets a device pointer.
 */
@NullMarked
package dev.quipforge.cuda;

import org.jspecify.annotations.NullMarked;
