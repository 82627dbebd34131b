package dev.quipforge.engine.compute;

import org.jspecify.annotations.Nullable;

/**
 * What attention reads, or the gradients with respect to it.
 *
 * @param query [windows · queryLength × heads · headWidth]
 * @param key [windows · keyLength × keyValueHeads · headWidth]
 * @param value [windows · keyLength × keyValueHeads · valueWidth]
 * @param sinks one more score for every head, as it stands, that takes its share of the softmax and has no value (the
 *     attention sinks of gpt-oss), [1 × heads]; null for none
 */
public record AttentionInputs(
        Matrix query, Matrix key, Matrix value, @Nullable Matrix sinks) {

    /** Inputs without sinks. */
    public AttentionInputs(Matrix query, Matrix key, Matrix value) {
        this(query, key, value, null);
    }
}
