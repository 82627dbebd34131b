package dev.quipforge.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.kit.artifact.Artifact;
import dev.quipforge.kit.artifact.S3ArtifactStore;
import dev.quipforge.kit.artifact.S3Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredCheckpointsTest {

    private static final String OUTPUT = "tuned/t/3/mlp-in.safetensors";

    @TempDir
    private Path folder;

    private final SetClock clock = new SetClock();
    private S3Server server;
    private S3ArtifactStore store;
    private Checkpoints checkpoints;

    @BeforeEach
    void start() throws Exception {
        server = S3Server.start(Files.createDirectories(folder.resolve("objects")));
        store = S3ArtifactStore.connect(server.properties());
        checkpoints = new Checkpoints(store, Duration.ofMinutes(2), clock);
    }

    @AfterEach
    void stop() {
        store.close();
        server.close();
    }

    @Test
    void whatWasSavedLastIsWhatTheNextWorkerGoesOnFrom() throws Exception {
        StoredCheckpoints first = open("first");
        assertThat(first.latest()).isEmpty();
        save(first, "one");
        save(first, "two");

        StoredCheckpoints second = open("second");
        assertThat(second.latest()).hasValueSatisfying(file -> assertThat(file).hasContent("two"));
        save(second, "three");
        assertThat(open("third").latest())
                .hasValueSatisfying(file -> assertThat(file).hasContent("three"));
        assertThat(keys()).hasSize(1);
    }

    @Test
    void twoWorkersWithTheSameTrainingDoNotDisturbEachOther() {
        StoredCheckpoints first = open("first");
        StoredCheckpoints second = open("second");
        save(first, "one");
        save(second, "other");
        save(first, "two");
        save(second, "other two");

        assertThat(open("third").latest())
                .hasValueSatisfying(file -> assertThat(file).hasContent("other two"));
        assertThat(keys()).hasSize(1);
    }

    @Test
    void nothingIsLeftOfATrainingThatIsDone() {
        save(open("first"), "one");
        store.put("trainings/tuned/t/3/mlp-in.safetensors-other", new byte[] {1});

        checkpoints.clear(OUTPUT);

        assertThat(open("second").latest()).isEmpty();
        assertThat(keys()).containsExactly("trainings/tuned/t/3/mlp-in.safetensors-other");
    }

    @Test
    void oneIsDueAfterTheIntervalAndLaterWhereStoringTakesLong() {
        StoredCheckpoints training = open("first");
        assertThat(training.due()).isFalse();
        clock.set(clock.instant().plusSeconds(120));
        assertThat(training.due()).isTrue();

        training.save(file -> {
            Files.writeString(file, "large");
            clock.set(clock.instant().plusSeconds(60));
        });
        clock.set(clock.instant().plusSeconds(539));
        assertThat(training.due()).isFalse();
        clock.set(clock.instant().plusSeconds(1));
        assertThat(training.due()).isTrue();
    }

    private StoredCheckpoints open(String worker) {
        try {
            return checkpoints.of(OUTPUT, Files.createDirectories(folder.resolve(worker)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void save(StoredCheckpoints training, String content) {
        training.save(file -> Files.writeString(file, content));
    }

    private List<String> keys() {
        return store.list("trainings/").stream().map(Artifact::key).toList();
    }

    /** A clock that goes only when it is set. */
    private static final class SetClock extends Clock {

        private Instant now = Instant.EPOCH;

        void set(Instant instant) {
            now = instant;
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
