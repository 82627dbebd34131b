package dev.quipforge.standalone;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line of the standalone. */
@Command(name = "standalone", mixinStandardHelpOptions = true, description = "Runs the whole platform in one process.")
final class Options {

    static final int DEFAULT_PORT = 8080;

    @Option(names = "--data", paramLabel = "DIR", required = true, description = "Where everything is kept.")
    private Path data = Path.of("");

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "Port of the gateway, 0 for any free one (default: ${DEFAULT-VALUE}).")
    private int port = DEFAULT_PORT;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            description = "Address the gateway listens on (default: ${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(
            names = "--allow",
            paramLabel = "DIR",
            description = "Models and texts may be read below this folder. May be repeated.")
    private List<Path> allowed = new ArrayList<>();

    @Option(names = "--exit-with-stdin", description = "Stops when standard input ends.")
    private boolean exitWithStdin;

    @Option(names = "--temporary", description = "Deletes the data directory when stopped.")
    private boolean temporary;

    Path data() {
        return data;
    }

    int port() {
        return port;
    }

    String host() {
        return host;
    }

    List<Path> allowed() {
        return List.copyOf(allowed);
    }

    boolean exitWithStdin() {
        return exitWithStdin;
    }

    boolean temporary() {
        return temporary;
    }
}
