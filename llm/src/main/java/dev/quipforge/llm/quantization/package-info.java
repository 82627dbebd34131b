/** The linears of a group, from dense weights and a Hessian to packed codes. */
@NullMarked
package dev.quipforge.llm.quantization;

import org.jspecify.annotations.NullMarked;
