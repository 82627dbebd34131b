/** The part of OpenAI's HTTP API that this service speaks. */
@NullMarked
package dev.quipforge.inference.openai;

import org.jspecify.annotations.NullMarked;
