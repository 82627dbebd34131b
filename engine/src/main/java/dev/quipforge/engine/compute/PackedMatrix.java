package dev.quipforge.engine.compute;

/**
 * A quantized matrix that stays packed, in the memory of one backend and in the order that its products want. Whoever
 * loaded it closes it; closing it again changes nothing.
 */
public interface PackedMatrix extends AutoCloseable {

    /** Rows m. */
    int rows();

    /** Columns n. */
    int columns();

    /** Bytes of codes that one product reads. */
    long bytes();

    @Override
    void close();
}
