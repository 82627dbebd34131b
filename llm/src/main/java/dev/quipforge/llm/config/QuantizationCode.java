package dev.quipforge.llm.config;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What weights are rounded to: the codes of all methods, each with the bits per weight that it has. */
public enum QuantizationCode {

    /** QTIP: the sum of two half-precision numbers that three instructions make of a state. */
    THREE_INST("3inst", QuantizationMethod.QTIP),

    /** QTIP: the sum of the bytes of one multiply-add. */
    ONE_MAD("1mad", QuantizationMethod.QTIP),

    /** QTIP: pairs from a small table that can be trained. */
    HYB("hyb", QuantizationMethod.QTIP),

    /** QTIP: a value of its own for every state, drawn at random. */
    LUT("lut", QuantizationMethod.QTIP),

    /** EXL3's variant of 3INST, without its addition. */
    MCG("mcg", QuantizationMethod.QTIP),

    /** EXL3's variant of 1MAD: the sum of the bytes of one product. */
    MUL1("mul1", QuantizationMethod.QTIP),

    /** This project's own: two values from the bytes of one product. */
    PAIR("pair", QuantizationMethod.QTIP, 2),

    /** QuIP#: the lattice codebook E8P, for 3 and 4 bits with a second one for what is left over. */
    E8P("e8p", QuantizationMethod.QUIP_SHARP),

    /** QuIP: values at equal distances. */
    UNIFORM("uniform", QuantizationMethod.QUIP),

    /** QuIP: the values that are best for Gaussian weights. */
    LLOYD_MAX("lloyd-max", QuantizationMethod.QUIP);

    private final String key;
    private final QuantizationMethod method;
    private final int mostBits;

    QuantizationCode(String key, QuantizationMethod method) {
        this(key, method, 4);
    }

    QuantizationCode(String key, QuantizationMethod method, int mostBits) {
        this.key = key;
        this.method = method;
        this.mostBits = mostBits;
    }

    /** Its name in recipes and checkpoints, which is that of the engine. */
    public String key() {
        return key;
    }

    /** The method that rounds to it. */
    public QuantizationMethod method() {
        return method;
    }

    /** The bits per weight that it has, ascending. */
    public List<Integer> bits() {
        return IntStream.rangeClosed(2, mostBits).boxed().toList();
    }

    /** The codes of a method, its default first. */
    public static List<QuantizationCode> of(QuantizationMethod method) {
        return Arrays.stream(values()).filter(code -> code.method == method).toList();
    }
}
