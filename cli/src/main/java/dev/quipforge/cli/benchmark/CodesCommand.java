package dev.quipforge.cli.benchmark;

import dev.quipforge.benchmarks.Bench;
import dev.quipforge.benchmarks.CodesBenchmark;
import dev.quipforge.benchmarks.Report;
import dev.quipforge.cli.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures what codes lose. */
@Command(
        name = "codes",
        description = {
            "Measures what codes lose on Gaussian weights.",
            "",
            "Prints, for every code: its bits per weight, L (the bits of a state), the mean squared error on samples of"
                    + " N(0, 1) in sequences of 256, closed as the product does it by default"
                    + " (one sample from each of as many parts of equal probability, in random order); the bound, 4^-bits, which no"
                    + " code of that many bits can pass; the scale, the root mean square in units of the code that weights"
                    + " were brought to, fitted to other samples; and the number of samples.",
            ""
        })
final class CodesCommand extends MeasuringCommand {

    @Mixin
    private CodeOptions codes = new CodeOptions();

    @Option(
            names = "--samples",
            paramLabel = "N",
            defaultValue = "102400",
            description = "Weights that the error is measured on (default: ${DEFAULT-VALUE}).")
    private int samples;

    CodesCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Report measure(Bench bench) {
        return CodesBenchmark.run(bench, codes.codes(), samples);
    }
}
