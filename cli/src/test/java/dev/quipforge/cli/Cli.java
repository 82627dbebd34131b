package dev.quipforge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.cli.terminal.Terminal;
import dev.quipforge.llm.testing.TestModels;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One run of the command in this process, and what it said.
 *
 * @param code its exit code
 * @param out its standard output
 * @param err its standard error
 */
record Cli(int code, String out, String err) {

    /** The root of the repository, where the command finds the standalone and the demo. */
    static Path repository() {
        Path root = Objects.requireNonNull(TestModels.demo().getParent());
        System.setProperty("quipforge.home", root.toString());
        return root;
    }

    /** Runs the command. */
    static Cli run(Object... arguments) {
        repository();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream printed = new PrintStream(out, true, StandardCharsets.UTF_8);
        Terminal terminal = new Terminal(printed, new PrintStream(err, true, StandardCharsets.UTF_8), false);
        String[] words = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
        int code = Quipforge.run(terminal, printed, words);
        return new Cli(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Runs the command with {@code --json}; its output must be one document, and its exit code 0. */
    static JsonNode json(Object... arguments) {
        List<Object> words = new ArrayList<>(List.of(arguments));
        words.add("--json");
        Cli run = run(words.toArray());
        assertThat(run.code()).as("%s: %s", words, run).isZero();
        return run.document();
    }

    /** Its standard output, which must be one JSON document and nothing else. */
    JsonNode document() {
        // Trailing tokens are an error of this mapper.
        return JsonMapper.shared().readTree(out);
    }

    /** The last line of standard error. */
    String error() {
        return err.lines().reduce("", (before, line) -> line);
    }
}
