/** Models in training: parameters with their gradients, blocks and whole models made of them. */
@NullMarked
package dev.quipforge.llm.training;

import org.jspecify.annotations.NullMarked;
