package dev.quipforge.cuda.ops;

import dev.quipforge.cuda.driver.OwnedMemory;
import dev.quipforge.engine.compute.PackedMatrix;
import dev.quipforge.engine.trellis.Trellis;
import org.jspecify.annotations.Nullable;

/**
 * Tiles of a trellis code in the memory of a device.
 *
 * @param trellis the code
 * @param kernel which of the kernels of matvec_trellis.cu computes the code; none for the one that looks it up
 * @param memory the words and the table
 * @param address of the words, in the order that the kernel wants
 * @param pairs address of the table of HYB in half precision, for the kernel; 0 for other codes
 * @param rows m
 * @param columns n
 */
public record PackedTrellis(
        Trellis trellis,
        @Nullable TrellisKernel kernel,
        OwnedMemory memory,
        long address,
        long pairs,
        int rows,
        int columns)
        implements PackedMatrix {

    @Override
    public long bytes() {
        return (long) rows * columns * trellis.bits() / Byte.SIZE;
    }

    @Override
    public void close() {
        memory.close();
    }
}
