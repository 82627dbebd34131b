package dev.quipforge.engine.compute.host;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.quipforge.engine.compute.FloatFormat;
import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.TransformerShapes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Copies between matrices in host memory. */
public final class HostCopies {

    private static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT = JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private HostCopies() {}

    /** {@code target} = {@code source}, same shape; the strides may differ. */
    public static void copy(HostMatrix source, HostMatrix target) {
        Shapes.requireSame("target", target, source);
        long width = (long) source.columns() * Float.BYTES;
        if (source.contiguous() && target.contiguous()) {
            MemorySegment.copy(source.data(), 0, target.data(), 0, source.rows() * width);
            return;
        }
        for (int row = 0; row < source.rows(); row++) {
            long from = (long) row * source.stride() * Float.BYTES;
            long to = (long) row * target.stride() * Float.BYTES;
            MemorySegment.copy(source.data(), from, target.data(), to, width);
        }
    }

    /** Row {@code rows}[0, i] of {@code target} = row i of {@code source}; a negative one drops the row of the source. */
    public static void putRows(HostMatrix source, HostIntMatrix rows, HostMatrix target) {
        for (int i = 0; i < source.rows(); i++) {
            int row = rows.get(0, i);
            if (row >= 0) {
                TransformerShapes.requireRow(row, target.rows());
                copy(source.rows(i, i + 1), target.rows(row, row + 1));
            }
        }
    }

    /** Little-endian elements of a file become {@code target}, row by row. */
    static void convert(FloatFormat format, MemorySegment elements, HostMatrix target) {
        long width = (long) target.columns() * format.bytes();
        float[] floats = new float[target.columns()];
        for (int row = 0; row < target.rows(); row++) {
            MemorySegment from = elements.asSlice(row * width, width);
            if (format == FloatFormat.FP32) {
                MemorySegment.copy(from, FLOAT, 0, floats, 0, floats.length);
            } else {
                short[] halves = from.toArray(SHORT);
                for (int j = 0; j < halves.length; j++) {
                    floats[j] = format == FloatFormat.BF16
                            ? Float.intBitsToFloat(halves[j] << Short.SIZE)
                            : Float.float16ToFloat(halves[j]);
                }
            }
            long to = (long) row * target.stride() * Float.BYTES;
            MemorySegment.copy(floats, 0, target.data(), JAVA_FLOAT, to, floats.length);
        }
    }
}
