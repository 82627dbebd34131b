package dev.quipforge.llm.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OverlayTest {

    @TempDir
    Path directory;

    @Test
    void theLastOfSeveralFilesCounts() {
        Path first = write("first", "a", 1, 2);
        Path second = write("second", "a", 3, 4);
        try (Overlay overlay = Overlay.open(List.of(first, second))) {
            assertThat(overlay.tensor("a").floats()).containsExactly(3, 4);
            assertThat(overlay.names()).containsExactly("a");
        }
    }

    @Test
    void whatItLacksComesFromTheOriginal() {
        try (Overlay overlay = Overlay.open(List.of(write("overlay", "a", 3, 4)));
                SafetensorsFile original = SafetensorsFile.open(write("original", "b", 7, 8))) {
            assertThat(overlay.over(original, "a").floats()).containsExactly(3, 4);
            assertThat(overlay.over(original, "b").floats()).containsExactly(7, 8);
            assertThatExceptionOfType(InvalidModelException.class).isThrownBy(() -> overlay.tensor("b"));
        }
    }

    @Test
    void anotherShapeThanTheOriginalsIsRefused() {
        try (Overlay overlay = Overlay.open(List.of(write("overlay", "a", 3, 4, 5)));
                SafetensorsFile original = SafetensorsFile.open(write("original", "a", 7, 8))) {
            assertThatExceptionOfType(InvalidModelException.class)
                    .isThrownBy(() -> overlay.over(original, "a"))
                    .withMessage("a: 3 (expected: 2)");
        }
    }

    private Path write(String file, String tensor, float... values) {
        Path path = directory.resolve(file);
        SafetensorsWriter.write(
                path, Map.of(), List.of(Tensors.ofFloats(tensor, List.of((long) values.length), values)));
        return path;
    }
}
