package dev.quipforge.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.Choice;
import dev.quipforge.contracts.TuningCatalogue;
import dev.quipforge.llm.config.TuningMode;
import dev.quipforge.llm.config.TuningPreset;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What the job API offers is what the worker can do. */
class TuningCatalogueTest {

    private static final TuningCatalogue CATALOGUE = TuningCatalogue.standard();

    @Test
    void theCatalogueHasTheModesAndPresetsOfTheWorker() {
        assertThat(CATALOGUE.modes())
                .extracting(Choice::name)
                .containsExactly(
                        Arrays.stream(TuningMode.values()).map(TuningMode::key).toArray(String[]::new));
        assertThat(CATALOGUE.presets())
                .extracting(Choice::name)
                .containsExactly(Arrays.stream(TuningPreset.values())
                        .map(TuningPreset::key)
                        .toArray(String[]::new));
        assertThat(TuningMode.of(TuningCatalogue.NONE).blocks()).isFalse();
        assertThat(TuningMode.of(TuningCatalogue.BLOCKS).endToEnd()).isFalse();
        assertThat(TuningMode.of(TuningCatalogue.BLOCKS_AND_END_TO_END).endToEnd())
                .isTrue();
    }
}
