package dev.quipforge.cli.job;

import dev.quipforge.cli.client.JobClient;
import dev.quipforge.cli.terminal.Terminal;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** Cancels one job. */
@Command(name = "cancel", description = "Cancels a job.")
final class CancelCommand extends OneJobCommand {

    CancelCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected int run() {
        JobClient client = client();
        client.cancel(job());
        JsonNode job = client.job(job());
        terminal().result(job, () -> "job " + job() + ": " + job.path("state").asString(""));
        return 0;
    }
}
