package dev.quipforge.finetune;

import static dev.quipforge.kit.SettingsAssert.assertMapped;
import static dev.quipforge.kit.SettingsAssert.bind;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TuningPropertiesTest {

    @Test
    void everySettingIsMapped() {
        assertMapped(Map.of("checkpoint-interval", "90s"), new TuningProperties(Duration.ofSeconds(90)));
    }

    @Test
    void aTrainingIsKeptEveryTwoMinutes() {
        assertThat(bind(TuningProperties.class, Map.of()).checkpointInterval()).isEqualTo(Duration.ofMinutes(2));
    }
}
