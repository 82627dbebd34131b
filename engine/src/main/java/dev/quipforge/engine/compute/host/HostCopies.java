package dev.quipforge.engine.compute.host;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Shapes;
import java.lang.foreign.MemorySegment;

/** Copies between matrices in host memory. */
public final class HostCopies {

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
}
