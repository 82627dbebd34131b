package dev.quipforge.llm.safetensors;

import java.util.Arrays;
import java.util.Optional;

/** The element types of safetensors that can be read here. */
public enum DataType {
    BOOL(1, false),
    U8(1, false),
    I8(1, false),
    /** 4 bits of exponent, 3 of mantissa, no infinities: the largest number is 448, all other bits set is NaN. */
    F8_E4M3(1, true),
    /** 5 bits of exponent, 2 of mantissa: the upper half of F16. */
    F8_E5M2(1, true),
    I16(2, false),
    U16(2, false),
    F16(2, true),
    BF16(2, true),
    I32(4, false),
    U32(4, false),
    F32(4, true),
    I64(8, false),
    U64(8, false),
    F64(8, true);

    private final int bytes;
    private final boolean floating;

    DataType(int bytes, boolean floating) {
        this.bytes = bytes;
        this.floating = floating;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** Whether the elements are floating-point numbers. */
    public boolean floating() {
        return floating;
    }

    /** The type of that name in a file; empty when it cannot be read here. */
    public static Optional<DataType> named(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
    }
}
