package dev.quipforge.llm.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileCheckpointsTest {

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void oneIsDueWhenTheIntervalIsOver(@TempDir Path directory) throws Exception {
        Clock clock = ((InstantSource) () -> now).withZone(ZoneOffset.UTC);
        Path file = directory.resolve("checkpoint");
        FileCheckpoints checkpoints = new FileCheckpoints(file, Duration.ofMinutes(3), clock);
        assertThat(checkpoints.latest()).isEmpty();
        assertThat(checkpoints.due()).isFalse();
        now = now.plusSeconds(180);
        assertThat(checkpoints.due()).isTrue();
        checkpoints.save(draft -> Files.writeString(draft, "one"));
        assertThat(checkpoints.due()).isFalse();
        now = now.plusSeconds(179);
        assertThat(checkpoints.due()).isFalse();
        checkpoints.save(draft -> Files.writeString(draft, "two"));
        assertThat(checkpoints.latest()).contains(file);
        assertThat(file).hasContent("two");
        assertThat(directory).isDirectoryContaining(path -> path.equals(file));
    }

    @Test
    void nothingIsKeptWhereNothingIsAskedFor() {
        assertThat(TuningCheckpoints.NONE.due()).isFalse();
        TuningCheckpoints.NONE.save(draft -> {
            throw new IllegalStateException("written");
        });
        assertThat(TuningCheckpoints.NONE.latest()).isEmpty();
    }
}
