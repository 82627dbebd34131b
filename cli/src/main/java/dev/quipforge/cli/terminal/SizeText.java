package dev.quipforge.cli.terminal;

/** How the size of a quantized model is told to people: what is quantized of it, and the whole. */
public final class SizeText {

    private SizeText() {}

    /** Bytes of the linears in the blocks, and of embedding, head and norms. */
    public static String parts(long linears, long others) {
        return "linears " + Text.bytes(linears) + ", embedding, head and norms " + Text.bytes(others);
    }

    /** Bits per weight of the linears, and per parameter of the whole model. */
    public static String bits(double perWeight, double perParameter) {
        return Text.number(perWeight, 3) + " in the linears, " + Text.number(perParameter, 3) + " over the whole model";
    }
}
