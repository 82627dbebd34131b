package dev.quipforge.cli.benchmark;

import dev.quipforge.benchmarks.Bench;
import dev.quipforge.benchmarks.BlockBenchmark;
import dev.quipforge.benchmarks.Report;
import dev.quipforge.cli.terminal.Terminal;
import picocli.CommandLine.Command;

/** Measures a decoder block, forward and in training. */
@Command(
        name = "block",
        description = {
            "Measures a decoder block with random weights, forward and in training.",
            "",
            "Prints, for one pass forward and for one step of training that changes all weights (forward, back, Adam): the"
                    + " milliseconds, the rate of arithmetic of the linears alone, the rate of plain products of their"
                    + " shapes (on a card those of its vendor's library in bf16), and the former as a part of the latter.",
            ""
        })
final class BlockCommand extends MeasuringCommand {

    BlockCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Report measure(Bench bench) {
        return BlockBenchmark.run(bench);
    }
}
