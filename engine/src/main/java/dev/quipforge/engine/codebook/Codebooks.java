package dev.quipforge.engine.codebook;

import java.util.List;
import java.util.stream.Collectors;

/** The codebooks by name and bits. */
public final class Codebooks {

    private static final List<Codebook> CODEBOOKS = List.of(
            ScalarGrid.uniform(2),
            ScalarGrid.uniform(3),
            ScalarGrid.uniform(4),
            ScalarGrid.lloydMax(2),
            ScalarGrid.lloydMax(3),
            ScalarGrid.lloydMax(4),
            EightP.CODEBOOK,
            ResidualEightP.threeBits(),
            ResidualEightP.fourBits());

    private Codebooks() {}

    /** All codebooks. */
    public static List<Codebook> all() {
        return CODEBOOKS;
    }

    /**
     * The codebook called {@code name} with {@code bits} bits per weight.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static Codebook of(String name, int bits) {
        return CODEBOOKS.stream()
                .filter(codebook -> codebook.name().equals(name) && codebook.bits() == bits)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "codebook: " + name + " with " + bits + " bits (expected one of: " + names() + ")"));
    }

    private static String names() {
        return CODEBOOKS.stream()
                .map(codebook -> codebook.name() + " with " + codebook.bits())
                .collect(Collectors.joining(", "));
    }
}
