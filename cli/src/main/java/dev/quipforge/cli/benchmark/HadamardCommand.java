package dev.quipforge.cli.benchmark;

import dev.quipforge.benchmarks.Bench;
import dev.quipforge.benchmarks.HadamardBenchmark;
import dev.quipforge.benchmarks.Report;
import dev.quipforge.cli.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Measures Hadamard transforms. */
@Command(
        name = "hadamard",
        description = {
            "Measures the Hadamard transform of all rows and of all columns of a matrix.",
            "",
            "Prints, for every shape, first for the rows and then for the columns: the order of the "
                    + "transform, its outer factor, its blocks, rows and columns of the matrix, the microseconds of "
                    + "the whole matrix, and the bytes read and written a second; then what a copy of the matrix "
                    + "takes, and what plain Java loops would take on one thread.",
            ""
        })
final class HadamardCommand extends MeasuringCommand {

    @Mixin
    private ShapeOption shapes = new ShapeOption();

    HadamardCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Report measure(Bench bench) {
        return HadamardBenchmark.run(bench, shapes.shapes());
    }
}
