package dev.quipforge.cli.job;

import dev.quipforge.cli.terminal.CommandFailure;
import dev.quipforge.cli.terminal.Terminal;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** Follows one job to its end. */
@Command(
        name = "watch",
        description = "Follows a job to its end. Exit code 0 if it succeeds, 1 if it fails or is cancelled.")
final class WatchCommand extends OneJobCommand {

    WatchCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected int run() throws InterruptedException {
        JsonNode job = new JobWatch(client(), terminal()).untilEnd(job());
        return end(job, terminal());
    }

    /** Says how a job has ended; returns the exit code. */
    static int end(JsonNode job, Terminal terminal) {
        boolean succeeded = job.path("state").asString("").equals("SUCCEEDED");
        terminal.result(job, () -> succeeded ? "job " + job.path("id").asString("") + " succeeded" : "");
        if (!succeeded) {
            throw new CommandFailure(JobWatch.failure(job));
        }
        return 0;
    }
}
