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

    private static final int CHUNK = 1 << 16;

    private Elements() {}

    /** Fills the one row {@code target} with the elements from {@code first} on. */
    static void toFloats(Tensor tensor, long first, HostMatrix target) {
        for (int done = 0; done < target.columns(); done += CHUNK) {
            float[] chunk = floats(tensor, first + done, Math.min(CHUNK, target.columns() - done));
            MemorySegment.copy(
                    chunk, 0, target.data(), ValueLayout.JAVA_FLOAT, (long) done * Float.BYTES, chunk.length);
        }
    }

    /** {@code count} elements from {@code first} on. */
    static float[] floats(Tensor tensor, long first, int count) {
        float[] values = new float[count];
        int bytes = tensor.type().bytes();
        MemorySegment part = tensor.data().asSlice(first * bytes, (long) count * bytes);
        switch (tensor.type()) {
            case F32 -> MemorySegment.copy(part, FLOAT, 0, values, 0, count);
            case BF16 -> {
                short[] halves = part.toArray(SHORT);
                for (int i = 0; i < count; i++) {
                    values[i] = Float.intBitsToFloat(halves[i] << 16);
                }
            }
            case F16 -> {
                short[] halves = part.toArray(SHORT);
                for (int i = 0; i < count; i++) {
                    values[i] = Float.float16ToFloat(halves[i]);
                }
            }
            case F64 -> {
                double[] doubles = part.toArray(DOUBLE);
                for (int i = 0; i < count; i++) {
                    values[i] = (float) doubles[i];
                }
            }
            case BOOL, U8, I8, I16, U16, I32, U32, I64, U64 ->
                throw new IllegalArgumentException(tensor.name() + ": " + tensor.type() + " is not a floating type");
        }
        return values;
    }

    /** Rounded to nearest even; NaN stays NaN. */
    static short[] toBrainFloats(float[] values) {
        short[] halves = new short[values.length];
        for (int i = 0; i < halves.length; i++) {
            int bits = Float.floatToIntBits(values[i]);
            int rounded = bits + 0x7FFF + ((bits >>> 16) & 1);
            halves[i] = (short) ((Float.isNaN(values[i]) ? bits : rounded) >>> 16);
        }
        return halves;
    }

    static int[] integers(Tensor tensor) {
        return switch (tensor.type()) {
            case I32 -> tensor.data().toArray(INT);
            case I16 -> widened(tensor, 0xFFFF_FFFF);
            case U16 -> widened(tensor, 0xFFFF);
            case BOOL, U8, I8, F16, BF16, U32, F32, I64, U64, F64 ->
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
