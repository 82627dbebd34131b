package dev.quipforge.llm.serving;

/** Hears what becomes of a sequence. It is called on the engine's thread: what takes long is for another thread. */
public interface SequenceListener {

    /**
     * The next token, which may be one that ends the text.
     *
     * @return whether to go on
     */
    boolean token(int token);

    /** No token follows. */
    void ended(SequenceEnd end);
}
