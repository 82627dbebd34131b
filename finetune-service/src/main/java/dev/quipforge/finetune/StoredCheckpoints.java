package dev.quipforge.finetune;

import dev.quipforge.kit.artifact.Artifact;
import dev.quipforge.kit.artifact.ArtifactException;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.llm.file.AtomicFile;
import dev.quipforge.llm.tuning.TuningCheckpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one training. Entries of the store are written once, so each has a number; the one with the highest
 * counts, and the others are removed when it is there. Two workers that have the same training by accident take over each
 * other's, which is harmless: both are on the same way.
 */
final class StoredCheckpoints implements TuningCheckpoints {

    private static final Logger LOG = LoggerFactory.getLogger(StoredCheckpoints.class);

    /** Storing checkpoints takes at most one part in so many of the time, unless one is wanted after every step. */
    private static final int LEAST_SHARE = 10;

    private final Checkpoints all;
    private final String prefix;
    private final Path scratch;
    private Instant last;
    private Duration pause;
    private long number;

    StoredCheckpoints(Checkpoints all, String prefix, Path scratch) {
        this.all = all;
        this.prefix = prefix;
        this.scratch = scratch;
        this.last = all.clock().instant();
        this.pause = all.interval();
    }

    @Override
    public Optional<Path> latest() {
        ArtifactStore store = all.store();
        for (List<Artifact> found = store.list(prefix); !found.isEmpty(); found = store.list(prefix)) {
            Artifact newest = found.getLast();
            Path file = scratch.resolve("checkpoint.safetensors");
            try {
                store.download(newest.key(), file);
            } catch (ArtifactException e) {
                if (store.exists(newest.key())) {
                    throw e;
                }
                continue;
            }
            number = number(newest.key());
            LOG.info("going on: checkpoint={}", newest.key());
            return Optional.of(file);
        }
        return Optional.empty();
    }

    @Override
    public boolean due() {
        return !all.clock().instant().isBefore(last.plus(pause));
    }

    @Override
    public void save(AtomicFile.Body writer) {
        Instant start = all.clock().instant();
        Path file = scratch.resolve("checkpoint.safetensors");
        AtomicFile.writeUnforced(file, writer);
        do {
            number++;
        } while (!all.store().put(key(number), file));
        removeEarlier();
        delete(file);
        last = all.clock().instant();
        Duration affordable = Duration.between(start, last).multipliedBy(LEAST_SHARE - 1L);
        boolean tooOften = !all.interval().isZero() && affordable.compareTo(all.interval()) > 0;
        pause = tooOften ? affordable : all.interval();
        LOG.debug("stored: checkpoint={}", key(number));
    }

    private void removeEarlier() {
        for (Artifact checkpoint : all.store().list(prefix)) {
            if (number(checkpoint.key()) < number) {
                all.store().delete(checkpoint.key());
            }
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be removed", e);
        }
    }

    /** Keys sort like their numbers. */
    private String key(long which) {
        return "%s%012d.safetensors".formatted(prefix, which);
    }

    private long number(String key) {
        return Long.parseLong(key.substring(prefix.length(), key.indexOf('.', prefix.length())));
    }
}
