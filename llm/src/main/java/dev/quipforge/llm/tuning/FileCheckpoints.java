package dev.quipforge.llm.tuning;

import dev.quipforge.llm.file.AtomicFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Checkpoints as one file on disk, written no more often than every {@code interval}. */
public final class FileCheckpoints implements TuningCheckpoints {

    private final Path file;
    private final Duration interval;
    private final Clock clock;
    private Instant last;

    /**
     * Keeps checkpoints in {@code file}.
     *
     * @param file the file; what it holds already is gone on from
     * @param interval time between two of them; zero for one after every step
     * @param clock tells it
     */
    public FileCheckpoints(Path file, Duration interval, Clock clock) {
        this.file = file;
        this.interval = interval;
        this.clock = clock;
        this.last = clock.instant();
    }

    @Override
    public Optional<Path> latest() {
        return Files.exists(file) ? Optional.of(file) : Optional.empty();
    }

    @Override
    public boolean due() {
        return !clock.instant().isBefore(last.plus(interval));
    }

    @Override
    public void save(AtomicFile.Body writer) {
        AtomicFile.write(file, writer);
        last = clock.instant();
    }
}
