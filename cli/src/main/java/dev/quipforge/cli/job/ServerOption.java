package dev.quipforge.cli.job;

import dev.quipforge.cli.client.JobClient;
import dev.quipforge.cli.platform.RunningStandalone;
import dev.quipforge.cli.terminal.CommandFailure;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which gateway a command speaks to. */
final class ServerOption {

    private static final URI DEFAULT = URI.create("http://localhost:8080");

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "The gateway (default: $$QUIPFORGE_URL, else the standalone that runs, else"
                    + " http://localhost:8080).")
    private @Nullable URI url;

    /** A client of that gateway. */
    JobClient client() {
        return new JobClient(check(chosen()));
    }

    private URI chosen() {
        if (url != null) {
            return url;
        }
        String variable = System.getenv("QUIPFORGE_URL");
        if (variable != null && !variable.isBlank()) {
            return URI.create(variable.strip());
        }
        return RunningStandalone.find(RunningStandalone.defaultData())
                .flatMap(RunningStandalone::url)
                .orElse(DEFAULT);
    }

    private static URI check(URI chosen) {
        boolean http = "http".equals(chosen.getScheme()) || "https".equals(chosen.getScheme());
        if (!http || chosen.getHost() == null) {
            throw new CommandFailure(
                    CommandFailure.USAGE, "--url: " + chosen + " (expected: such as http://localhost:8080)");
        }
        return chosen;
    }
}
