package dev.quipforge.cli.benchmark;

import dev.quipforge.benchmarks.Bench;
import dev.quipforge.benchmarks.Report;
import dev.quipforge.benchmarks.Stopwatch;
import dev.quipforge.cli.terminal.BaseCommand;
import dev.quipforge.cli.terminal.Terminal;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import java.io.IOException;
import picocli.CommandLine.Option;

/** What every command that measures has. */
abstract class MeasuringCommand extends BaseCommand {

    private static final String CPU = "cpu";
    private static final String FASTEST_ON_CPU = "vector";

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = CPU,
            description = "cpu or cuda; or a backend of the engine by name (default: ${DEFAULT-VALUE}).")
    private String device = "";

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "1",
            description = "How long each figure of time is measured, after as long to warm up; the median counts"
                    + " (default: ${DEFAULT-VALUE}).")
    private double seconds;

    MeasuringCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected final int run() throws IOException, InterruptedException {
        Stopwatch stopwatch = new Stopwatch(System::nanoTime, seconds);
        try (ComputeBackend backend = ComputeBackends.named(device.equals(CPU) ? FASTEST_ON_CPU : device)) {
            Report report = measure(new Bench(backend, stopwatch, terminal()::remark));
            terminal().result(report.document(), () -> Tables.text(report));
        }
        return 0;
    }

    /** Measures. */
    abstract Report measure(Bench bench) throws IOException, InterruptedException;
}
