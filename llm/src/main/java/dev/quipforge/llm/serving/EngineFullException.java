package dev.quipforge.llm.serving;

/** As many texts wait as an engine lets wait: come back later. */
public final class EngineFullException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    EngineFullException(int waiting) {
        super("engine: " + waiting + " texts are waiting, no more are taken (try again later)");
    }
}
