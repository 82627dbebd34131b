package dev.quipforge.llm.transformer;

/** How many windows go through a model at once: fixed by their length alone, so that no sum depends on the machine. */
public final class Batches {

    private static final int TOKENS = 4096;

    private Batches() {}

    /** Windows of {@code length} tokens in one pass: about 4096 tokens, at least one window. */
    public static int windows(int length) {
        return Math.max(1, TOKENS / length);
    }
}
