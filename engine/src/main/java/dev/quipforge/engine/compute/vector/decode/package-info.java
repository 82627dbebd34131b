/** What a server computes for the next tokens of texts, row by row in lanes. */
@NullMarked
package dev.quipforge.engine.compute.vector.decode;

import org.jspecify.annotations.NullMarked;
