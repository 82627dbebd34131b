package dev.quipforge.engine.compute;

/** How floats stand in a file, little-endian. */
public enum FloatFormat {
    /** IEEE single precision. */
    FP32(4),
    /** IEEE half precision. */
    FP16(2),
    /** The upper half of single precision. */
    BF16(2);

    private final int bytes;

    FloatFormat(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }
}
