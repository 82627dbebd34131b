package dev.quipforge.cli.job;

import dev.quipforge.cli.terminal.BaseCommand;
import dev.quipforge.cli.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The group of commands on jobs. */
@Command(name = "job", description = "Submits jobs to a gateway and looks after them.")
public final class JobCommand extends BaseCommand {

    private JobCommand(Terminal terminal) {
        super(terminal);
    }

    /** The group with its commands. */
    public static CommandLine create(Terminal terminal) {
        return new CommandLine(new JobCommand(terminal))
                .addSubcommand(new SubmitCommand(terminal))
                .addSubcommand(new ListCommand(terminal))
                .addSubcommand(new ShowCommand(terminal))
                .addSubcommand(new WatchCommand(terminal))
                .addSubcommand(new CancelCommand(terminal))
                .addSubcommand(new ReportCommand(terminal))
                .addSubcommand(new DownloadCommand(terminal));
    }

    @Override
    protected int run() {
        throw new ParameterException(
                spec().commandLine(),
                "job: a command is missing (expected: submit, list, show, watch, cancel, report or download)");
    }
}
