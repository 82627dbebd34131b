package dev.quipforge.llm.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.testing.SpecialTokens;
import dev.quipforge.llm.testing.TestModels;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrationWindowsTest {

    @TempDir
    Path directory;

    @Test
    void aTextIsCutIntoWindowsAndItsRemainderDropped() {
        CalibrationWindows windows = cut("abcdefghijk", 10, 4);
        assertThat(windows.samples()).isEqualTo(2);
        assertThat(windows.flattened()).containsExactly('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    }

    @Test
    void everyWindowFollowsWhatTheTokenizerPutsBeforeAText() {
        SpecialTokens.beginTexts(TestModels.tiny(directory.resolve("begun"), 1));
        try (ModelDirectory model = ModelDirectory.open(directory.resolve("begun"))) {
            CalibrationWindows windows = CalibrationWindows.cut(model.tokenizer(), "abcdefgh", 10, 4);
            assertThat(windows.flattened()).containsExactly(257, 'a', 'b', 'c', 257, 'd', 'e', 'f');
        }
    }

    @Test
    void fewerWindowsThanThereAreAreTakenFromAllOfTheText() {
        assertThat(cut("aabbccddeeff", 3, 2).flattened()).containsExactly('a', 'a', 'c', 'c', 'e', 'e');
    }

    @Test
    void whatIsWrittenIsRead() {
        CalibrationWindows windows = cut(TestModels.text(100, 1), 5, 16);
        Path file = directory.resolve("tokens.safetensors");
        windows.write(file);
        CalibrationWindows read = CalibrationWindows.read(file);
        assertThat(read.context()).isEqualTo(16);
        assertThat(read.flattened()).containsExactly(windows.flattened());
        assertThat(read.range(1, 2).flattened())
                .containsExactly(windows.tokens().get(1));
    }

    @Test
    void aTextShorterThanOneWindowIsRefused() {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> cut("abc", 1, 4))
                .withMessage("calibration text: 3 tokens (expected: at least one window of 4)");
    }

    private CalibrationWindows cut(String text, int samples, int context) {
        try (ModelDirectory model = ModelDirectory.open(TestModels.tiny(directory.resolve("model"), 1))) {
            return CalibrationWindows.cut(model.tokenizer(), text, samples, context);
        }
    }
}
