package dev.quipforge.standalone;

import dev.quipforge.standalone.data.DataDirectory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * Runs the whole platform in this process until it is told to stop. On standard output it says, one line each, what it is starting
 * and at last {@code ready URL}; what keeps it from starting is one line on standard error. Everything else is in the logs.
 */
public final class Standalone {

    private Standalone() {}

    /** Starts, waits, stops; exit code 0 in order, 1 when it does not start, 2 when the command line is wrong. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Options options = new Options();
        CommandLine commandLine = new CommandLine(options);
        try {
            CommandLine.ParseResult parsed = commandLine.parseArgs(arguments);
            if (CommandLine.printHelpIfRequested(parsed)) {
                return;
            }
            DataDirectory data = DataDirectory.open(options.data());
            // Read when the first logger is made, so before any class that logs is loaded.
            System.setProperty("quipforge.logs", data.logs().toString());
            // Five contexts share one log, which logback.xml sets up: Spring must not do it again for each.
            System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
            SLF4JBridgeHandler.removeHandlersForRootLogger();
            SLF4JBridgeHandler.install();
            StandaloneProcess.run(data, options, out);
        } catch (ParameterException e) {
            fail(2, e);
        } catch (IOException | RuntimeException e) {
            fail(1, e);
        }
    }

    private static void fail(int code, Exception problem) {
        System.err.println("error: " + (problem.getMessage() == null ? problem : problem.getMessage()));
        System.exit(code);
    }
}
