/** cuBLAS and cuSOLVER through foreign functions, and the matrices they take. */
@NullMarked
package dev.quipforge.cuda.library;

import org.jspecify.annotations.NullMarked;
