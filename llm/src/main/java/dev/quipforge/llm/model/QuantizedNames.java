package dev.quipforge.llm.model;

/** Names of the tensors that stand for a quantized linear (QTIP checkpoint format). */
public final class QuantizedNames {

    private QuantizedNames() {}

    /** The packed codes: I16, [tiles × 16 · bits]. */
    public static String trellis(String linear) {
        return linear + ".trellis";
    }

    /** The signs of the input side: [inputs]. */
    public static String inputSigns(String linear) {
        return linear + ".SU";
    }

    /** The signs of the output side times the scale: [outputs]. */
    public static String outputScales(String linear) {
        return linear + ".SV";
    }
}
