package dev.quipforge.engine.compute.host;

import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.packing.PackedCodes;
import java.lang.foreign.MemorySegment;

/** Packed codes of a codebook in host memory. */
public final class HostCodes {

    private HostCodes() {}

    /** The codes of {@code decoded}, unpacked. */
    public static HostIntMatrix unpack(Codebook codebook, int[] words, Matrix decoded) {
        int columns = columns(codebook, decoded);
        int[] codes = PackedCodes.unpack(codebook, words, decoded.rows(), columns);
        return new HostIntMatrix(MemorySegment.ofArray(codes), decoded.rows(), columns);
    }

    /** Codes in a row of {@code decoded}. */
    public static int columns(Codebook codebook, Matrix decoded) {
        if (decoded.columns() % codebook.dimension() != 0) {
            throw new IllegalArgumentException("decoded: " + decoded.columns() + " columns (expected: a multiple of "
                    + codebook.dimension() + ")");
        }
        return decoded.columns() / codebook.dimension();
    }
}
