package dev.quipforge.inference.serving;

import static dev.quipforge.kit.SettingsAssert.assertMapped;
import static dev.quipforge.kit.SettingsAssert.bind;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class ServingPropertiesTest {

    @Test
    void everySettingIsMapped() {
        assertMapped(
                Map.of("memory", "2GB", "cache", "512MB", "max-tokens", "7", "directories", "/a,/b"),
                new ServingProperties(
                        DataSize.ofGigabytes(2), DataSize.ofMegabytes(512), 7, List.of(Path.of("/a"), Path.of("/b"))));
        assertThat(bind(ServingProperties.class, Map.of()))
                .isEqualTo(new ServingProperties(DataSize.ofGigabytes(8), DataSize.ofGigabytes(1), 4096, List.of()));
    }
}
