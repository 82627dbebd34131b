package dev.quipforge.cli.benchmark;

import dev.quipforge.benchmarks.Codes;
import java.util.List;
import picocli.CommandLine.Option;

/** Which codes are measured. */
final class CodeOptions {

    @Option(
            names = "--code",
            paramLabel = "CODE",
            split = ",",
            description =
                    "Only these codes: 3inst, 1mad, hyb, lut, mcg, mul1, pair, uniform, lloyd-max, e8p (default: all).")
    private List<String> names = List.of();

    @Option(names = "--bits", paramLabel = "BITS", split = ",", description = "Bits per weight (default: 2,3,4).")
    private List<Integer> bits = List.of();

    @Option(names = "--state-bits", paramLabel = "L", description = "L of the trellis codes (default: 16).")
    private int stateBits;

    Codes codes() {
        return new Codes(names, bits, stateBits);
    }
}
