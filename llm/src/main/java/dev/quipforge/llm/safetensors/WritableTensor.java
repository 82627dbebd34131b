package dev.quipforge.llm.safetensors;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A tensor on its way into a file: what the header says of it, and its elements, which need not be in memory as a whole: they
 * may be made piece by piece while they are written.
 */
public interface WritableTensor {

    /** Its name in the file. */
    String name();

    /** Type of the elements. */
    DataType type();

    /** Length of every dimension, outermost first; a scalar has none. */
    List<Long> shape();

    /** Bytes of all elements. */
    default long bytes() {
        return Math.multiplyExact(Tensor.elements(shape()), (long) type().bytes());
    }

    /**
     * Hands over all elements, row by row, little-endian: {@link #bytes} bytes in all.
     *
     * @param sink takes them in pieces of any size
     */
    void writeTo(Sink sink) throws IOException;

    /** Takes bytes, which follow those it took before. */
    @FunctionalInterface
    interface Sink {

        /** Takes the next bytes; they may change after it returns. */
        void write(MemorySegment bytes) throws IOException;
    }
}
