package dev.quipforge.cli.terminal;

import java.io.PrintStream;
import java.util.Map;
import java.util.function.Supplier;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where a command speaks. Its result goes to standard output: text for people or, with {@code --json}, exactly one JSON document.
 * Everything else (progress, remarks, errors) goes to standard error.
 */
public final class Terminal {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final PrintStream out;
    private final PrintStream err;
    private final boolean interactive;
    private boolean json;
    private boolean answered;

    /**
     * @param out standard output
     * @param err standard error
     * @param interactive whether standard error is a screen that can be drawn on
     */
    public Terminal(PrintStream out, PrintStream err, boolean interactive) {
        this.out = out;
        this.err = err;
        this.interactive = interactive;
    }

    /** Whether {@link #result} prints JSON. */
    public void json(boolean wanted) {
        json = wanted;
    }

    /** Whether standard error can be drawn on. */
    public boolean interactive() {
        return interactive;
    }

    /** Prints the result of the command: {@code document} as JSON, or the text. */
    public void result(Object document, Supplier<String> text) {
        if (!json) {
            out.println(text.get());
        } else if (!answered) {
            out.println(JSON.writeValueAsString(document));
        }
        answered = true;
        out.flush();
    }

    /** Says something on the way. */
    public void remark(String line) {
        err.println(line);
    }

    /** Draws on the screen as is, control sequences included. */
    void draw(String text) {
        err.print(text);
        err.flush();
    }

    /** Says why the command failed: one line and, with {@code --json}, {@code {"error":{"message":…}}}. */
    public void failure(String message) {
        String line = message.lines()
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .findFirst()
                .orElse("failed");
        err.println("error: " + line);
        if (json && !answered) {
            result(Map.of("error", Map.of("message", message)), () -> "");
        }
    }
}
