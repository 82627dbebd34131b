package dev.quipforge.llm.serving;

import org.jspecify.annotations.Nullable;

/**
 * How a sequence ended.
 *
 * @param reason why
 * @param promptTokens tokens of the prompt
 * @param cachedTokens of these, how many were found in the cache
 * @param tokens tokens generated
 * @param failure what went wrong; only where something did
 */
public record SequenceEnd(
        Reason reason,
        int promptTokens,
        int cachedTokens,
        int tokens,
        @Nullable Throwable failure) {

    /** Why a sequence ended. */
    public enum Reason {
        /** A token of the model's that ends texts, or the listener wanted no more. */
        STOP,
        /** As many tokens as asked for. */
        LENGTH,
        /** Someone cancelled it. */
        CANCELLED,
        /** A step failed, or the engine was closed. */
        FAILED
    }
}
