package dev.quipforge.llm.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.json.JsonFields;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.testing.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {

    private final Path demo = TestModels.demo();

    @Test
    void theDemoTokenizerReadsTheGoldenSentenceBothWays() {
        JsonFields golden = StrictJson.read(demo.resolve("golden.json"));
        int[] ids = golden.counts("ids").stream().mapToInt(Long::intValue).toArray();
        try (Tokenizer tokenizer = Tokenizer.open(demo.resolve("model/tokenizer.json"))) {
            assertThat(tokenizer.encode(tokenizer.decode(ids))).containsExactly(ids);
        }
    }

    @Test
    void aLongTextIsNeitherTruncatedNorDecorated() throws IOException {
        String text = Files.readString(demo.resolve("heldout.txt"));
        try (Tokenizer tokenizer = Tokenizer.open(demo.resolve("model/tokenizer.json"))) {
            int[] ids = tokenizer.encode(text);
            assertThat(ids.length).isGreaterThan(50_000);
            assertThat(tokenizer.decode(ids)).isEqualTo(text);
        }
    }

    @Test
    void aFileThatIsNoTokenizerIsRefused(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("tokenizer.json"), "{\"version\":\"1.0\"}");
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> Tokenizer.open(file).close())
                .withMessageStartingWith("tokenizer.json: cannot be read as a tokenizer: ");
    }
}
