package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.IntMatrix;

/**
 * Where the tokens of one step of a server stand, all in the memory of a backend.
 *
 * @param positions of the tokens in their texts, [1 × tokens]
 * @param slots rows of a {@link PagedCache} that receive their keys and values, [1 × tokens]
 * @param tables the pages of every text in order, [texts × most pages]
 * @param texts which text a token belongs to, [1 × tokens]
 * @param lengths how many positions of its text a token sees, itself the last, [1 × tokens]
 * @param context most tokens of a text: what frequencies of rotary embeddings that depend on the length go by
 */
public record PagedStep(
        IntMatrix positions, IntMatrix slots, IntMatrix tables, IntMatrix texts, IntMatrix lengths, int context) {}
