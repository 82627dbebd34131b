package dev.quipforge.engine.compute;

import dev.quipforge.engine.incoherence.Hadamard;

/**
 * What a device offers to whoever measures it: its own clock, and what 16-bit operations and its vendor's library are capable
 * of, to hold the project's operations against.
 */
public interface Laboratory {

    /**
     * Median seconds of one call by the clock of the device, without what it takes to queue the call.
     *
     * @param work one call; it must not wait for the device, and must have run before, so that whatever it keeps is there
     * @param calls how many calls are queued together; with each call the work may take other operands
     * @param span seconds to go on for
     */
    double seconds(Runnable work, int calls, double span);

    /** The vendor's product of random matrices in bf16 with sums in fp32, [rows × depth] · [columns × depth]ᵀ. */
    Specimen product(int rows, int columns, int depth);

    /**
     * The vendor's product of one random vector with random matrices in fp16, which are used in turn.
     *
     * @param rows rows of a matrix
     * @param columns columns of a matrix
     * @param matrices how many there are
     */
    Specimen vectorProduct(int rows, int columns, int matrices);

    /** A copy of {@code bytes} from one place on the device to another. */
    Specimen copy(long bytes);

    /** {@link HadamardOps#transformRows} of random rows in fp16. */
    Specimen transformRows(Hadamard transform, int rows);

    /** Something to be timed, with the memory it needs; close it to free that. */
    interface Specimen extends Runnable, AutoCloseable {

        @Override
        void close();
    }
}
