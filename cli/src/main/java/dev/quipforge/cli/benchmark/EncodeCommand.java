package dev.quipforge.cli.benchmark;

import dev.quipforge.benchmarks.Bench;
import dev.quipforge.benchmarks.EncodeBenchmark;
import dev.quipforge.benchmarks.Report;
import dev.quipforge.cli.terminal.Terminal;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Measures how fast codes are encoded. */
@Command(
        name = "encode",
        description = {
            "Measures how many weights a second are encoded.",
            "",
            "Prints, for every code: its bits per weight, L (the bits of a state), the threads that worked, the sequences of"
                    + " 256 weights that one call had, and the weights encoded a second. Below that the yardsticks, on one"
                    + " thread with 3inst of 2 bits and L = 16, costs in single precision and two full passes: a C program,"
                    + " compiled here by gcc -O3 -march=native (null where there is no gcc), and the same loops in Java; with"
                    + " the mean squared errors of both, in units of the code.",
            ""
        })
final class EncodeCommand extends MeasuringCommand {

    @Mixin
    private CodeOptions codes = new CodeOptions();

    EncodeCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Report measure(Bench bench) throws IOException, InterruptedException {
        return EncodeBenchmark.run(bench, codes.codes());
    }
}
