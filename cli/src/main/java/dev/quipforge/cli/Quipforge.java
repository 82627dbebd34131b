package dev.quipforge.cli;

import dev.quipforge.cli.benchmark.BenchmarkCommand;
import dev.quipforge.cli.demo.DemoCommand;
import dev.quipforge.cli.device.DeviceCommand;
import dev.quipforge.cli.device.SelftestCommand;
import dev.quipforge.cli.job.JobCommand;
import dev.quipforge.cli.local.ConvertCommand;
import dev.quipforge.cli.local.PerplexityCommand;
import dev.quipforge.cli.local.QuantizeCommand;
import dev.quipforge.cli.platform.DownCommand;
import dev.quipforge.cli.platform.ServeCommand;
import dev.quipforge.cli.platform.StatusCommand;
import dev.quipforge.cli.platform.UpCommand;
import dev.quipforge.cli.terminal.CommandFailure;
import dev.quipforge.cli.terminal.Terminal;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/** The {@code quipforge} command. */
@Command(
        name = "quipforge",
        description = "Quantizes large language models to 2, 3 and 4 bits.",
        mixinStandardHelpOptions = true,
        versionProvider = Quipforge.Version.class,
        footer = "%nEvery command has --json: one JSON document on standard output, nothing else there.")
public final class Quipforge implements Runnable {

    private @Nullable CommandLine commandLine;

    private Quipforge() {}

    /** Runs the command and exits with its exit code. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        // The engine tells its choices at level info; a command's stderr is for people.
        Logger.getLogger("").setLevel(Level.WARNING);
        boolean interactive = "yes".equals(System.getProperty("quipforge.terminal"));
        int code = run(new Terminal(out, err, interactive), out, arguments);
        out.flush();
        System.exit(code);
    }

    /** Runs the command; returns its exit code. */
    static int run(Terminal terminal, PrintStream out, String... arguments) {
        terminal.json(List.of(arguments).contains("--json"));
        Quipforge root = new Quipforge();
        CommandLine commandLine = new CommandLine(root)
                .addSubcommand(new DemoCommand(terminal))
                .addSubcommand(new UpCommand(terminal))
                .addSubcommand(new DownCommand(terminal))
                .addSubcommand(new StatusCommand(terminal))
                .addSubcommand("job", JobCommand.create(terminal))
                .addSubcommand(new QuantizeCommand(terminal))
                .addSubcommand(new ConvertCommand(terminal))
                .addSubcommand(new PerplexityCommand(terminal))
                .addSubcommand(new ServeCommand(terminal))
                .addSubcommand(new DeviceCommand(terminal))
                .addSubcommand(new SelftestCommand(terminal))
                .addSubcommand("benchmark", BenchmarkCommand.create(terminal))
                .addSubcommand(new HelpCommand())
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((problem, _) -> {
                    String usage = problem.getCommandLine().getCommandSpec().qualifiedName();
                    terminal.failure(problem.getMessage() + " (see: " + usage + " --help)");
                    return CommandFailure.USAGE;
                })
                .setExecutionExceptionHandler((problem, _, _) -> fail(terminal, problem));
        root.commandLine = commandLine;
        return commandLine.execute(arguments);
    }

    @Override
    public void run() {
        throw new ParameterException(
                commandLine,
                "a command is missing (expected: demo, up, down, status, job, quantize, convert, perplexity, serve,"
                        + " benchmark, device or selftest)");
    }

    private static int fail(Terminal terminal, Exception problem) {
        if (problem instanceof InterruptedException) {
            terminal.failure("interrupted");
            return CommandFailure.INTERRUPTED;
        }
        String message = problem.getMessage() == null ? problem.toString() : problem.getMessage();
        terminal.failure(problem instanceof FileSystemException ? problem.toString() : message);
        return problem instanceof CommandFailure failure ? failure.exitCode() : CommandFailure.FAILED;
    }

    /** The version of the jar. */
    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            String version = Quipforge.class.getPackage().getImplementationVersion();
            return new String[] {"quipforge " + (version == null ? "development" : version)};
        }
    }
}
