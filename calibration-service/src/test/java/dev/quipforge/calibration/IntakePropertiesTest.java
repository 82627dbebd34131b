package dev.quipforge.calibration;

import static dev.quipforge.kit.SettingsAssert.assertMapped;
import static dev.quipforge.kit.SettingsAssert.bind;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IntakePropertiesTest {

    @Test
    void everySettingIsMapped() {
        assertMapped(
                Map.of("allowed-roots", "/models,/texts"),
                new IntakeProperties(List.of(Path.of("/models"), Path.of("/texts"))));
    }

    @Test
    void nothingMayBeReadUnlessItIsSaid() {
        assertThat(bind(IntakeProperties.class, Map.of()).allowedRoots()).isEmpty();
    }
}
