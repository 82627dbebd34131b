package dev.quipforge.cli.job;

import dev.quipforge.cli.terminal.Terminal;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** Prints the report of one job. */
@Command(name = "report", description = "Prints what was measured of a job that has succeeded.")
final class ReportCommand extends OneJobCommand {

    ReportCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected int run() {
        JsonNode report = client().report(job());
        terminal().result(report, () -> ReportText.of(report));
        return 0;
    }
}
