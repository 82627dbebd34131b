/**
 * The CUDA backend: JCuda's driver API for memory, streams and our kernels, cuBLAS and cuSOLVER through foreign functions.
 * Nothing outside this package meets a device pointer.
 */
@NullMarked
package dev.quipforge.cuda;

import org.jspecify.annotations.NullMarked;
