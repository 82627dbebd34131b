package dev.quipforge.benchmarks;

import dev.quipforge.engine.compute.ComputeBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Measures steps.
 *
 * @param backend where they compute
 * @param directory that they write below
 */
record StepMeter(ComputeBackend backend, Path directory) {

    private static final double NANO = 1e-9;

    /** A step at work. */
    @FunctionalInterface
    interface Body {

        /** Does it, and says what it finds to {@code notes}. */
        void run(Notes notes) throws IOException;
    }

    /** What a step says of itself. */
    static final class Notes {

        private final long start = System.nanoTime();
        private long beforeExperts = -1;
        private double experts;
        private double encoder = Double.NaN;

        /** Everything but the experts is done; what follows until the end is theirs. */
        void expertsBegin() {
            beforeExperts = System.nanoTime();
        }

        /** So much more of the time was the experts'. */
        void addExperts(double seconds) {
            experts += seconds;
        }

        /** So much more of the time was in the encoder. */
        void addEncoder(double seconds) {
            encoder = Double.isNaN(encoder) ? seconds : encoder + seconds;
        }

        private double expertSeconds(long end) {
            return beforeExperts < 0 ? experts : (end - beforeExperts) * NANO;
        }
    }

    StepFigures measure(StepFigures.Step step, Body body) throws IOException {
        Set<Path> before = Set.copyOf(files());
        try (MemoryPeaks peaks = new MemoryPeaks(backend)) {
            Notes notes = new Notes();
            body.run(notes);
            long end = System.nanoTime();
            return new StepFigures(
                    step,
                    (end - notes.start) * NANO,
                    notes.expertSeconds(end),
                    Optional.of(notes.encoder).filter(seconds -> !seconds.isNaN()),
                    peaks.seen(),
                    newBytes(before));
        }
    }

    /** Bytes of the files that were not there before. */
    private long newBytes(Set<Path> before) throws IOException {
        long sum = 0;
        for (Path file : files()) {
            sum += before.contains(file) ? 0 : Files.size(file);
        }
        return sum;
    }

    private List<Path> files() throws IOException {
        if (Files.notExists(directory)) {
            return List.of();
        }
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.filter(Files::isRegularFile).toList();
        }
    }
}
