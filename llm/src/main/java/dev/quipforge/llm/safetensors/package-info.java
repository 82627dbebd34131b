/** The safetensors format: a strict memory-mapped reader, shards with their index, a deterministic writer. */
@NullMarked
package dev.quipforge.llm.safetensors;

import org.jspecify.annotations.NullMarked;
