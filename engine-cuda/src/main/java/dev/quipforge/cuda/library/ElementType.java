package dev.quipforge.cuda.library;

/** Floats that cuBLAS multiplies with sums in fp32. */
public enum ElementType {
    /** Single precision. */
    FP32(0, Float.BYTES),
    /** IEEE half precision. */
    FP16(2, Short.BYTES),
    /** The upper half of fp32. */
    BF16(14, Short.BYTES);

    private final int code;
    private final int bytes;

    ElementType(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** What the library calls it. */
    int code() {
        return code;
    }

    /** Bytes of an element. */
    public int bytes() {
        return bytes;
    }

    /** The bits of 1 and −1, in the lowest bits. */
    public int bits(int sign) {
        return switch (this) {
            case FP32 -> Float.floatToIntBits(sign);
            case FP16 -> Float.floatToFloat16(sign);
            case BF16 -> Float.floatToIntBits(sign) >>> Short.SIZE;
        };
    }
}
