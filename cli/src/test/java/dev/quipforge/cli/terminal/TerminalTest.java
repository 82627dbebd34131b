package dev.quipforge.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.cli.terminal.ProgressView.Bar;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void aCourseIsDrawnFromItsLeastToItsMost() {
        assertThat(Text.curve(List.of(0.5, 0.35, 0.1, 0.2))).isEqualTo("█▅▁▃");
        assertThat(Text.curve(List.of(0.5))).isEqualTo("▁");
        assertThat(Text.significant(0.0123456, 4)).isEqualTo("0.01235");
        assertThat(Text.significant(0, 4)).isEqualTo("0");
    }

    @Test
    void aFailureIsOneLineAndOneDocument() {
        Terminal terminal = terminal(false);
        terminal.json(true);
        terminal.failure("model: no config.json\n\tat somewhere");
        assertThat(text(err)).isEqualTo("error: model: no config.json\n");
        assertThat(text(out)).contains("\"message\" : \"model: no config.json\\n\\tat somewhere\"");
    }

    @Test
    void aFailureAfterTheResultAddsNoSecondDocument() {
        Terminal terminal = terminal(false);
        terminal.json(true);
        terminal.result(Map.of("state", "FAILED"), () -> "failed");
        terminal.failure("job a failed");
        assertThat(text(out)).isEqualToIgnoringWhitespace("{\"state\": \"FAILED\"}");
    }

    @Test
    void withoutAScreenProgressIsALineWhenThereIsNews() {
        ProgressView view = new ProgressView(terminal(false));
        view.show(List.of(bar("running", 0.01), new Bar("publish", "waiting", 0, "")));
        view.show(List.of(bar("running", 0.05), new Bar("publish", "waiting", 0, "")));
        view.show(List.of(bar("running", 0.12), new Bar("publish", "waiting", 0, "")));
        view.show(List.of(bar("succeeded", 1), new Bar("publish", "running", 0, "")));
        assertThat(text(err).lines())
                .containsExactly(
                        "quantize running 1% 3/7  ETA 12 s",
                        "quantize running 12% 3/7  ETA 12 s",
                        "quantize succeeded 100% 3/7  ETA 12 s",
                        "publish running 0%");
    }

    @Test
    void onAScreenTheBarsAreDrawnOver() {
        ProgressView view = new ProgressView(terminal(true));
        view.show(List.of(bar("running", 0.5)));
        view.show(List.of(bar("running", 0.75)));
        assertThat(text(err))
                .contains("quantize        ██████████████░░░░░░░░░░░░░░  50%  3/7  ETA 12 s\n\033[1A")
                .endsWith("quantize        █████████████████████░░░░░░░  75%  3/7  ETA 12 s\n");
    }

    @Test
    void figuresAreShort() {
        assertThat(List.of(Text.bytes(999), Text.bytes(22_036_184), Text.bytes(1_200_000_000)))
                .containsExactly("999 B", "22.0 MB", "1.2 GB");
        assertThat(List.of(Text.duration(0.84), Text.duration(42.4), Text.duration(65), Text.duration(3723)))
                .containsExactly("0.8 s", "42 s", "1:05", "1:02:03");
    }

    private static Bar bar(String state, double fraction) {
        return new Bar("quantize", state, fraction, "3/7  ETA 12 s");
    }

    private Terminal terminal(boolean interactive) {
        return new Terminal(stream(out), stream(err), interactive);
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
