package dev.quipforge.llm.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.llm.InvalidModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowSplitTest {

    @ParameterizedTest
    @CsvSource({"2, 0.125, 1", "2, 0.9, 1", "7, 0.01, 1", "16, 0.125, 2", "256, 0.125, 32", "10, 0.5, 5"})
    void everyWindowIsInOneHalf(int windows, double share, int validation) {
        WindowSplit split = WindowSplit.of(3, windows, share);
        List<Integer> all = new ArrayList<>(split.training());
        all.addAll(split.validation());
        assertThat(all)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, windows).boxed().toList());
        assertThat(split.validation()).hasSize(validation).isSorted();
        assertThat(split.training()).isSorted();
    }

    @Test
    void theSeedDecides() {
        assertThat(WindowSplit.of(3, 64, 0.25)).isEqualTo(WindowSplit.of(3, 64, 0.25));
        assertThat(WindowSplit.of(3, 64, 0.25)).isNotEqualTo(WindowSplit.of(4, 64, 0.25));
    }

    @Test
    void everyEpochHasAnOrderOfItsOwn() {
        WindowSplit split = WindowSplit.of(3, 64, 0.25);
        List<Integer> first = split.epoch(3, "epoch/0");
        assertThat(first).containsExactlyInAnyOrderElementsOf(split.training());
        assertThat(first).isEqualTo(split.epoch(3, "epoch/0")).isNotEqualTo(split.epoch(3, "epoch/1"));
        assertThat(first).isNotEqualTo(split.training());
    }

    @Test
    void oneWindowCannotBeSplit() {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> WindowSplit.of(3, 1, 0.125))
                .withMessage("samples: 1 (expected with tuning: at least 2)");
    }
}
