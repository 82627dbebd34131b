package dev.quipforge.cli.job;

import dev.quipforge.cli.client.JobClient;
import dev.quipforge.cli.terminal.BaseCommand;
import dev.quipforge.cli.terminal.Terminal;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A command on one job of a gateway. */
abstract class OneJobCommand extends BaseCommand {

    @Mixin
    private ServerOption server = new ServerOption();

    @Parameters(paramLabel = "JOB", description = "Id of the job.")
    private String job = "";

    OneJobCommand(Terminal terminal) {
        super(terminal);
    }

    /** Id of the job. */
    final String job() {
        return job;
    }

    /** The client of the gateway. */
    final JobClient client() {
        return server.client();
    }
}
