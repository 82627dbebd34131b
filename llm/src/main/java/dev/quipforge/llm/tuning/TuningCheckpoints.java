package dev.quipforge.llm.tuning;

import dev.quipforge.llm.file.AtomicFile;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where one training keeps how far it has come, so that it can go on after it was killed. A training that goes on ends with
 * the same result as one that was never interrupted.
 */
public interface TuningCheckpoints {

    /** Keeps nothing. */
    TuningCheckpoints NONE = new TuningCheckpoints() {

        @Override
        public Optional<Path> latest() {
            return Optional.empty();
        }

        @Override
        public boolean due() {
            return false;
        }

        @Override
        public void save(AtomicFile.Body writer) {
            // keeps nothing
        }
    };

    /** The last checkpoint of this training; empty at first. */
    Optional<Path> latest();

    /** Whether it is time for one; asked after every step. */
    boolean due();

    /** Keeps a checkpoint in place of the last one; {@code writer} writes it as one file. */
    void save(AtomicFile.Body writer);
}
