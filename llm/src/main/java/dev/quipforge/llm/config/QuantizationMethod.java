package dev.quipforge.llm.config;

import dev.quipforge.llm.InvalidModelException;
import java.util.Arrays;
import java.util.List;

/** The methods of the three papers, with the codes of each and the bits per weight that a code has. */
public enum QuantizationMethod {

    /** QTIP: trellis codes, after random signs and Hadamard transforms. */
    QTIP("qtip", "3inst", 0),

    /** QuIP#: the lattice codebook E8P and its residuals, after random signs and Hadamard transforms. */
    QUIP_SHARP("quip-sharp", "e8p", 10),

    /** QuIP: scalar grids. */
    QUIP("quip", "uniform", 0);

    private static final List<Integer> TWO_TO_FOUR = List.of(2, 3, 4);

    private final String key;
    private final String defaultCode;
    private final int defaultPasses;

    QuantizationMethod(String key, String defaultCode, int defaultPasses) {
        this.key = key;
        this.defaultCode = defaultCode;
        this.defaultPasses = defaultPasses;
    }

    /** Its name in recipes and checkpoints. */
    public String key() {
        return key;
    }

    /** The code where none is named. */
    public String defaultCode() {
        return defaultCode;
    }

    /** Extra passes of coordinate descent where none are asked for: as in the program of the paper. */
    public int defaultPasses() {
        return defaultPasses;
    }

    /** The names of its codes. */
    public List<String> codes() {
        return switch (this) {
            case QTIP -> List.of("3inst", "1mad", "hyb", "lut", "mcg", "mul1", "pair");
            case QUIP_SHARP -> List.of("e8p");
            case QUIP -> List.of("uniform", "lloyd-max");
        };
    }

    /**
     * The bits per weight that a code has, ascending.
     *
     * @throws InvalidModelException when the method has no such code
     */
    public List<Integer> bits(String code) {
        if (!codes().contains(code)) {
            throw new InvalidModelException(
                    "code", code + " (expected for method " + key + ": one of " + codes() + ")");
        }
        return code.equals("pair") ? List.of(2) : TWO_TO_FOUR;
    }

    /**
     * The method called {@code key}.
     *
     * @throws InvalidModelException when there is none
     */
    public static QuantizationMethod of(String key) {
        return Arrays.stream(values())
                .filter(method -> method.key.equals(key))
                .findFirst()
                .orElseThrow(() -> new InvalidModelException(
                        "method",
                        key + " (expected: one of "
                                + Arrays.stream(values())
                                        .map(QuantizationMethod::key)
                                        .toList() + ")"));
    }
}
