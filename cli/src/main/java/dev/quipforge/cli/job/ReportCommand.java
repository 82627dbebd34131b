package dev.quipforge.cli.job;

import dev.quipforge.cli.terminal.Terminal;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Prints the report of one job. */
@Command(name = "report", description = "Prints what was measured of a job that has succeeded.")
final class ReportCommand extends OneJobCommand {

    @Option(
            names = "--block",
            paramLabel = "INDEX",
            description = "Every linear and every expert of this block instead.")
    private @Nullable Integer block;

    ReportCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected int run() {
        if (block == null) {
            JsonNode report = client().report(job());
            terminal().result(report, () -> ReportText.of(report));
        } else {
            JsonNode report = client().report(job(), block);
            terminal().result(report, () -> BlockText.of(report));
        }
        return 0;
    }
}
