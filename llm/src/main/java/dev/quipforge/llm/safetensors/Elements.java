package dev.quipforge.llm.safetensors;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.llm.InvalidModelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.stream.LongStream;

/** Conversion of little-endian elements to what Java computes with. */
final class Elements {

    static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfFloat FLOAT = JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfDouble DOUBLE = JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Elements of an array, at most: a few less than 2³¹, as JVMs have it. */
    static final int MOST = Integer.MAX_VALUE - 8;

    /** Elements converted at once. */
    static final int CHUNK = 1 << 16;

    private Elements() {}

    /** Fills {@code target}, row by row, with the elements from {@code first} on. */
    static void toFloats(Tensor tensor, long first, HostMatrix target) {
        if (target.contiguous()) {
            toFloats(tensor, first, target.data(), (long) target.rows() * target.columns());
            return;
        }
        for (int row = 0; row < target.rows(); row++) {
            toFloats(tensor, first + (long) row * target.columns(), target.row(row), target.columns());
        }
    }

    private static void toFloats(Tensor tensor, long first, MemorySegment target, long count) {
        float[] chunk = new float[(int) Math.min(CHUNK, count)];
        for (long done = 0; done < count; done += CHUNK) {
            int part = (int) Math.min(CHUNK, count - done);
            toFloats(tensor, first + done, chunk, 0, part);
            MemorySegment.copy(chunk, 0, target, ValueLayout.JAVA_FLOAT, done * Float.BYTES, part);
        }
    }

    /** {@code count} elements from {@code first} on. */
    static float[] floats(Tensor tensor, long first, int count) {
        float[] values = new float[count];
        for (long done = 0; done < count; done += CHUNK) {
            toFloats(tensor, first + done, values, (int) done, (int) Math.min(CHUNK, count - done));
        }
        return values;
    }

    /** {@code count} elements from {@code first} on become those of {@code values} from {@code at} on. */
    private static void toFloats(Tensor tensor, long first, float[] values, int at, int count) {
        int bytes = tensor.type().bytes();
        MemorySegment part = tensor.data().asSlice(first * bytes, (long) count * bytes);
        switch (tensor.type()) {
            case F32 -> MemorySegment.copy(part, FLOAT, 0, values, at, count);
            case BF16 -> {
                short[] halves = part.toArray(SHORT);
                for (int i = 0; i < count; i++) {
                    values[at + i] = Float.intBitsToFloat(halves[i] << 16);
                }
            }
            case F16 -> {
                short[] halves = part.toArray(SHORT);
                for (int i = 0; i < count; i++) {
                    values[at + i] = Float.float16ToFloat(halves[i]);
                }
            }
            case F64 -> {
                double[] doubles = part.toArray(DOUBLE);
                for (int i = 0; i < count; i++) {
                    values[at + i] = (float) doubles[i];
                }
            }
            case F8_E4M3 -> lookUp(EightBitFloats.E4M3, part, values, at);
            case F8_E5M2 -> lookUp(EightBitFloats.E5M2, part, values, at);
            case BOOL, U8, I8, I16, U16, I32, U32, I64, U64 ->
                throw new IllegalArgumentException(tensor.name() + ": " + tensor.type() + " is not a floating type");
        }
    }

    private static void lookUp(float[] table, MemorySegment codes, float[] values, int at) {
        byte[] bytes = codes.toArray(ValueLayout.JAVA_BYTE);
        for (int i = 0; i < bytes.length; i++) {
            values[at + i] = table[bytes[i] & 0xFF];
        }
    }

    /** The first {@code count} of {@code values} as elements of a file, rounded to nearest even; NaN stays NaN. */
    static void fromFloats(float[] values, int count, DataType type, MemorySegment target) {
        switch (type) {
            case F32 -> MemorySegment.copy(values, 0, target, FLOAT, 0, count);
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    target.set(SHORT, (long) i * Short.BYTES, Float.floatToFloat16(values[i]));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    target.set(SHORT, (long) i * Short.BYTES, toBrainFloat(values[i]));
                }
            }
            case BOOL, U8, I8, F8_E4M3, F8_E5M2, I16, U16, I32, U32, I64, U64, F64 ->
                throw new IllegalArgumentException("to " + type + " (expected: F16, BF16 or F32)");
        }
    }

    private static short toBrainFloat(float value) {
        int bits = Float.floatToIntBits(value);
        int rounded = bits + 0x7FFF + ((bits >>> 16) & 1);
        return (short) ((Float.isNaN(value) ? bits : rounded) >>> 16);
    }

    static int[] integers(Tensor tensor) {
        return switch (tensor.type()) {
            case I32 -> tensor.data().toArray(INT);
            case I16 -> widened(tensor, 0xFFFF_FFFF);
            case U16 -> widened(tensor, 0xFFFF);
            case BOOL, U8, I8, F8_E4M3, F8_E5M2, F16, BF16, U32, F32, I64, U64, F64 ->
                throw new InvalidModelException(tensor.name(), "dtype " + tensor.type() + " (expected: I32 or I16)");
        };
    }

    private static int[] widened(Tensor tensor, int mask) {
        short[] shorts = tensor.data().toArray(SHORT);
        int[] values = new int[shorts.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = shorts[i] & mask;
        }
        return values;
    }

    static void requireFinite(Tensor tensor) {
        long elements = tensor.elements();
        LongStream.range(0, Math.ceilDiv(elements, CHUNK))
                .parallel()
                .map(part -> firstNotFinite(tensor, part * CHUNK))
                .filter(element -> element >= 0)
                .min()
                .ifPresent(element -> {
                    float value = floats(tensor, element, 1)[0];
                    throw new InvalidModelException(
                            tensor.name(), value + " at element " + element + " (expected: finite numbers)");
                });
    }

    /** The first of a chunk that is not finite, or −1. */
    private static long firstNotFinite(Tensor tensor, long first) {
        float[] chunk = floats(tensor, first, (int) Math.min(CHUNK, tensor.elements() - first));
        for (int i = 0; i < chunk.length; i++) {
            if (!Float.isFinite(chunk[i])) {
                return first + i;
            }
        }
        return -1;
    }
}
