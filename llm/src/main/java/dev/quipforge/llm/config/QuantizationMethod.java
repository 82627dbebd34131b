package dev.quipforge.llm.config;

/** The methods of the three papers; {@link QuantizationCode} has the codes of each. */
public enum QuantizationMethod {

    /** QTIP: trellis codes, after random signs and Hadamard transforms. */
    QTIP("qtip", 0),

    /** QuIP#: the lattice codebook E8P and its residuals, after random signs and Hadamard transforms. */
    QUIP_SHARP("quip-sharp", 10),

    /** QuIP: scalar grids. */
    QUIP("quip", 0);

    private final String key;
    private final int defaultPasses;

    QuantizationMethod(String key, int defaultPasses) {
        this.key = key;
        this.defaultPasses = defaultPasses;
    }

    /** Its name in recipes and checkpoints. */
    public String key() {
        return key;
    }

    /** Extra passes of coordinate descent where none are asked for: as in the program of the paper. */
    public int defaultPasses() {
        return defaultPasses;
    }
}
