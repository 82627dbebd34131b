package dev.quipforge.kit.task;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.TaskResult.ShardCalibrated;
import dev.quipforge.kit.artifact.S3ArtifactStore;
import dev.quipforge.kit.artifact.S3Server;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskResultsTest {

    @TempDir
    static Path objects;

    private static S3Server server;
    private static S3ArtifactStore store;

    private final AtomicInteger computations = new AtomicInteger();

    @BeforeAll
    static void start() {
        server = S3Server.start(objects);
        store = S3ArtifactStore.connect(server.properties());
    }

    @AfterAll
    static void stop() {
        store.close();
        server.close();
    }

    @Test
    void theSecondAskingFindsWhatTheFirstComputed() throws IOException {
        assertThat(ask("calibration/a/shards/0-8")).isEqualTo(new ShardCalibrated("calibration/a/shards/0-8", 1));
        assertThat(ask("calibration/a/shards/0-8")).isEqualTo(new ShardCalibrated("calibration/a/shards/0-8", 1));
        assertThat(ask("calibration/a/shards/8-16")).isEqualTo(new ShardCalibrated("calibration/a/shards/8-16", 2));
    }

    @Test
    void aResultThatCannotBeReadIsComputedAgain() throws IOException {
        store.put("results/calibration/b.json", "{\"type\":\"ShardCalibrated\"}".getBytes(UTF_8));

        assertThat(ask("calibration/b").tokens()).isEqualTo(1);
        assertThat(ask("calibration/b").tokens()).isEqualTo(1);
    }

    private ShardCalibrated ask(String output) throws IOException {
        return new TaskResults(store)
                .computeOnce(
                        output,
                        ShardCalibrated.class,
                        () -> new ShardCalibrated(output, computations.incrementAndGet()));
    }
}
