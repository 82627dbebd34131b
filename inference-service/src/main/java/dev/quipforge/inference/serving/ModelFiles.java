package dev.quipforge.inference.serving;

import java.nio.file.Path;

/** The files of a model, which stay where they are until this is closed. */
interface ModelFiles extends AutoCloseable {

    /** Their folder. */
    Path path();

    @Override
    void close();
}
