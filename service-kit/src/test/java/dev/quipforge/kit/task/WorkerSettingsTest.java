package dev.quipforge.kit.task;

import static dev.quipforge.kit.SettingsAssert.assertMapped;
import static dev.quipforge.kit.SettingsAssert.bind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.WorkQueue;
import dev.quipforge.kit.compute.ComputeProperties;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerSettingsTest {

    @Test
    void everySettingIsMapped() {
        assertMapped(
                Map.of(
                        "queue", "quantizer",
                        "name", "q-1",
                        "progress-interval", "1s",
                        "heartbeat-interval", "3s",
                        "shutdown-grace", "20s",
                        "partitions", "4"),
                new WorkerProperties(
                        WorkQueue.QUANTIZER,
                        "q-1",
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(20),
                        4));
        assertMapped(Map.of("backend", "scalar"), new ComputeProperties(List.of("scalar")));
        assertMapped(Map.of("backend", "cuda:0, cuda:1"), new ComputeProperties(List.of("cuda:0", "cuda:1")));
    }

    @Test
    void allButTheQueueHaveDefaults() {
        assertThat(bind(WorkerProperties.class, Map.of("queue", "inference")))
                .isEqualTo(new WorkerProperties(
                        WorkQueue.INFERENCE,
                        "",
                        Duration.ofMillis(500),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(10),
                        1));
        assertThat(bind(ComputeProperties.class, Map.of())).isEqualTo(new ComputeProperties(List.of("auto")));
    }
}
