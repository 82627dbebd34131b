package dev.quipforge.llm.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.testing.TestModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextStreamTest {

    @Test
    void aCharacterOfSeveralTokensComesWhole(@TempDir Path path) {
        try (ModelDirectory model = ModelDirectory.open(TestModels.tiny(path, 1))) {
            TextStream stream = new TextStream(model.tokenizer());
            List<String> pieces = new ArrayList<>();
            for (int token : model.tokenizer().encode("aé€b")) {
                pieces.add(stream.add(token));
            }
            assertThat(pieces).containsExactly("a", "", "é", "", "", "€", "b");
            assertThat(stream.rest()).isEmpty();
        }
    }

    @Test
    void whatMayBecomeAStopTextIsHeldBack() {
        StopFilter filter = new StopFilter(List.of("END", "\n\n"));
        assertThat(filter.add("abE")).isEqualTo("ab");
        assertThat(filter.add("x")).isEqualTo("Ex");
        assertThat(filter.add("EN")).isEmpty();
        assertThat(filter.add("D more")).isEmpty();
        assertThat(filter.stopped()).isTrue();
        assertThat(filter.rest()).isEmpty();
    }
}
