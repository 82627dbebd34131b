package dev.quipforge.inference.serving;

import dev.quipforge.llm.generation.Generator;

/** A model that stays loaded until this is closed. */
public final class LoadedModel implements AutoCloseable {

    private final Generator generator;
    private final Runnable release;
    private boolean closed;

    LoadedModel(Generator generator, Runnable release) {
        this.generator = generator;
        this.release = release;
    }

    /** Continues texts with it. */
    public Generator generator() {
        return generator;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            release.run();
        }
    }
}
