package dev.quipforge.llm.generation;

/**
 * A generated text.
 *
 * @param text the text, without the prompt
 * @param promptTokens tokens of the prompt, with the special tokens before it
 * @param tokens tokens generated
 * @param end why it ended
 */
public record Generation(String text, int promptTokens, int tokens, End end) {

    /** Why a generation ended. */
    public enum End {
        /** The model said so, or a stop text came. */
        STOP,
        /** As many tokens as asked for, or as the context holds. */
        LENGTH
    }
}
