package dev.quipforge.cli.terminal;

import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every command has. */
public abstract class BaseCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    @Option(names = "--json", description = "Prints one JSON document on standard output and nothing else there.")
    private boolean json;

    private final Terminal terminal;

    protected BaseCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Where this command speaks. */
    protected final Terminal terminal() {
        return terminal;
    }

    /** This command's own description, for its usage. */
    protected final CommandSpec spec() {
        return spec;
    }

    @Override
    public final Integer call() throws Exception {
        terminal.json(json);
        return run();
    }

    /** Does it; returns the exit code. */
    protected abstract int run() throws Exception;
}
