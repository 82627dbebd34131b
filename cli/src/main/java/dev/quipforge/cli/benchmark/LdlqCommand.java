package dev.quipforge.cli.benchmark;

import dev.quipforge.benchmarks.Bench;
import dev.quipforge.benchmarks.LdlqBenchmark;
import dev.quipforge.benchmarks.Report;
import dev.quipforge.cli.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Measures rounding with feedback. */
@Command(
        name = "ldlq",
        description = {
            "Measures rounding with feedback (LDLQ), step by step.",
            "",
            "Prints, for every shape of the weights: the step (gram: x'x of as many activations as columns; "
                    + "cholesky; blockUnitLower: the block factor; feedback: the loop with nothing to round; rounding: "
                    + "the loop with a trellis code), its microseconds and floating point operations a second; then "
                    + "those of the product of the weights with the Hessian, and what plain Java loops take on one "
                    + "thread (none on a card, nor for a large matrix).",
            "",
            "Without --shape, many experts too, each with its own Hessian (expertFactors: their Cholesky and block "
                    + "factors; experts: these and all of the rounding; oneMatrix: the same for one matrix of as many "
                    + "weights with one Hessian), and the rate of the experts' weights by that of the one matrix.",
            ""
        })
final class LdlqCommand extends MeasuringCommand {

    @Mixin
    private ShapeOption shapes = new ShapeOption();

    LdlqCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Report measure(Bench bench) {
        return LdlqBenchmark.run(bench, shapes.shapes());
    }
}
