package dev.quipforge.cli.device;

import dev.quipforge.cli.terminal.Terminal;
import dev.quipforge.engine.compute.ComputeBackend;
import picocli.CommandLine.Option;

/** The option that says what to compute on. */
public final class BackendOption {

    @Option(
            names = {"--backend", "--device"},
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "auto, cuda, cuda:1 for the second GPU, vector or scalar (default: ${DEFAULT-VALUE}).")
    private String backend = "";

    /** What was asked for. */
    public String name() {
        return backend;
    }

    /** Opens what was asked for, as {@link ComputeChoice#open}; the caller closes it. */
    public ComputeBackend open(Terminal terminal) {
        return ComputeChoice.open(terminal, backend);
    }
}
