package dev.quipforge.cli.benchmark;

import dev.quipforge.benchmarks.Bench;
import dev.quipforge.benchmarks.MatvecBenchmark;
import dev.quipforge.benchmarks.Report;
import dev.quipforge.cli.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Measures products of a vector with packed matrices. */
@Command(
        name = "matvec",
        description = {
            "Measures products of one vector with a matrix of every format.",
            "",
            "Prints, for a dense matrix of 32-bit floats and for every format that stays packed: its bits per weight, rows and"
                    + " columns, the microseconds of one product, the bytes of the matrix that it reads a second, and its"
                    + " weights a second. As many matrices as no cache holds are used in turn.",
            ""
        })
final class MatvecCommand extends MeasuringCommand {

    @Mixin
    private CodeOptions codes = new CodeOptions();

    @Mixin
    private ShapeOption shapes = new ShapeOption();

    MatvecCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Report measure(Bench bench) {
        return MatvecBenchmark.run(bench, codes.codes(), shapes.shapes());
    }
}
