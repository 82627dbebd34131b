package dev.quipforge.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.llm.safetensors.SafetensorsFile;
import java.nio.file.Path;

/** Holds tuned weights against each other; their reports differ in a time. */
final class SameTensors {

    private SameTensors() {}

    /** Requires the same tensors, bit for bit. */
    static void require(Path expected, Path actual) {
        try (SafetensorsFile first = SafetensorsFile.open(expected);
                SafetensorsFile second = SafetensorsFile.open(actual)) {
            assertThat(second.names()).isEqualTo(first.names());
            for (String name : first.names()) {
                assertThat(second.tensor(name).floats())
                        .as(name)
                        .containsExactly(first.tensor(name).floats());
            }
        }
    }
}
