package dev.quipforge.cuda.ops;

import dev.quipforge.cuda.driver.OwnedMemory;
import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.compute.PackedMatrix;

/**
 * Codes of a codebook in the memory of a device, eight weights at a time as matvec_codebook.cu wants them.
 *
 * @param codebook the codebook
 * @param memory the planes
 * @param first address of the first plane
 * @param second address of the second, 0 when there is none
 * @param rows m
 * @param columns n
 */
public record PackedOctets(Codebook codebook, OwnedMemory memory, long first, long second, int rows, int columns)
        implements PackedMatrix {

    @Override
    public long bytes() {
        return Math.ceilDiv((long) rows * columns * codebook.bits(), Byte.SIZE);
    }

    @Override
    public void close() {
        memory.close();
    }
}
