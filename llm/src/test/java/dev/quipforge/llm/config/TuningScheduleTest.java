package dev.quipforge.llm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.testing.TestModels;
import org.junit.jupiter.api.Test;

class TuningScheduleTest {

    @Test
    void theRateRisesLinearlyAndFallsAsACosine() {
        TuningSchedule schedule = new TuningSchedule(1, 1, 1, 8, 1, 0.1, 0.2);
        assertThat(schedule.factor(0, 100)).isCloseTo(1.0 / 11, within(1e-12));
        assertThat(schedule.factor(9, 100)).isCloseTo(10.0 / 11, within(1e-12));
        assertThat(schedule.factor(10, 100)).isEqualTo(1);
        assertThat(schedule.factor(55, 100)).isCloseTo(0.6, within(1e-12));
        assertThat(schedule.factor(99, 100)).isBetween(0.2, 0.201);
    }

    @Test
    void aFloorOfOneKeepsItConstant() {
        TuningSchedule schedule = new TuningSchedule(1, 1, 1, 8, 1, 0, 1);
        for (int step = 0; step < 7; step++) {
            assertThat(schedule.factor(step, 7)).isEqualTo(1);
        }
    }

    @Test
    void singleSettingsOfAPresetAreChanged() {
        TuningSchedule schedule = new TuningSchedule(1, 2, 3, 4, 5, 0.6, 0.7);
        TuningConfig config = new TuningConfig(TuningMode.BLOCKS, schedule, schedule, 0.5, 3);
        assertThat(config.with("blocks.vectorRate", 0.1)
                        .with("blocks.weightRate", 0.2)
                        .with("blocks.epochs", 30)
                        .with("blocks.batch", 40)
                        .with("blocks.accumulation", 50)
                        .with("blocks.warmUp", 0.06)
                        .with("blocks.floor", 0.07)
                        .with("endToEnd.epochs", 9)
                        .with("validation", 0.25)
                        .with("patience", 7))
                .isEqualTo(new TuningConfig(
                        TuningMode.BLOCKS,
                        new TuningSchedule(0.1, 0.2, 30, 40, 50, 0.06, 0.07),
                        new TuningSchedule(1, 2, 9, 4, 5, 0.6, 0.7),
                        0.25,
                        7));
        refused(() -> config.with("blocks.epochs", 1.5), "epochs: 1.5 (expected: a whole number)");
        refused(() -> config.with("blocks.batch", 0), "batch: 0.0 (expected: at least 1.0)");
        refused(
                () -> config.with("endToEnd.rate", 1),
                "tuning setting: rate (expected: one of [vectorRate, weightRate, epochs, batch, accumulation, warmUp,"
                        + " floor])");
        refused(
                () -> config.with("epochs", 1),
                "tuning setting: epochs (expected: validation, patience, or a setting of blocks. or endToEnd. such as"
                        + " blocks.epochs)");
    }

    @Test
    void whatCannotBeIsNamed() {
        refused(() -> new TuningSchedule(-1, 1, 1, 8, 1, 0, 0), "vectorRate: -1.0 (expected: at least 0.0)");
        refused(() -> new TuningSchedule(1, Double.NaN, 1, 8, 1, 0, 0), "weightRate: NaN (expected: at least 0.0)");
        refused(() -> new TuningSchedule(1, 1, 1, 0, 1, 0, 0), "batch: 0.0 (expected: at least 1.0)");
        refused(() -> new TuningSchedule(1, 1, 1, 8, 1, 1, 0), "warmUp: 1.0 (expected: 0 to 1, exclusive)");
        refused(() -> new TuningSchedule(1, 1, 1, 8, 1, 0, 2), "floor: 2.0 (expected: 0 to 1)");
        TuningSchedule good = new TuningSchedule(1, 1, 1, 8, 1, 0, 0);
        refused(
                () -> new TuningConfig(TuningMode.BLOCKS, good, good, 0, 3),
                "validation: 0.0 (expected: between 0 and 1)");
        refused(() -> new TuningConfig(TuningMode.BLOCKS, good, good, 0.1, 0), "patience: 0 (expected: at least 1)");
        refused(() -> TuningMode.of("all"), "tuning: all (expected: one of [none, blocks, blocks+end-to-end])");
        refused(() -> TuningPreset.of("slow"), "tuning preset: slow (expected: one of [standard, fast])");
    }

    private static void refused(Runnable attempt, String message) {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(attempt::run)
                .withMessage(message);
    }

    @Test
    void thePresetFastTakesAThirdOfTheSteps() {
        ModelConfig model = ConfigReader.read(TestModels.demo().resolve("model"));
        TuningConfig standard = TuningConfig.of(TuningMode.BLOCKS_AND_END_TO_END, TuningPreset.STANDARD, model);
        TuningConfig fast = TuningConfig.of(TuningMode.BLOCKS_AND_END_TO_END, TuningPreset.FAST, model);
        assertThat(3 * fast.blocks().epochs())
                .isLessThanOrEqualTo(standard.blocks().epochs());
        assertThat(3 * fast.endToEnd().epochs())
                .isLessThanOrEqualTo(standard.endToEnd().epochs());
        assertThat(TuningConfig.none().mode().blocks()).isFalse();
    }
}
