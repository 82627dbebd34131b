package dev.quipforge.cli.benchmark;

import dev.quipforge.cli.terminal.BaseCommand;
import dev.quipforge.cli.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The group of commands that measure. */
@Command(name = "benchmark", description = "Measures what the engine loses and how fast it is, on this machine.")
public final class BenchmarkCommand extends BaseCommand {

    private BenchmarkCommand(Terminal terminal) {
        super(terminal);
    }

    /** The group with its commands. */
    public static CommandLine create(Terminal terminal) {
        return new CommandLine(new BenchmarkCommand(terminal))
                .addSubcommand(new CodesCommand(terminal))
                .addSubcommand(new EncodeCommand(terminal))
                .addSubcommand(new HadamardCommand(terminal))
                .addSubcommand(new LdlqCommand(terminal))
                .addSubcommand(new MatvecCommand(terminal))
                .addSubcommand(new BlockCommand(terminal))
                .addSubcommand(new ModelCommand(terminal));
    }

    @Override
    protected int run() {
        throw new ParameterException(
                spec().commandLine(),
                "benchmark: a command is missing (expected: codes, encode, hadamard, ldlq, matvec, block or model)");
    }
}
