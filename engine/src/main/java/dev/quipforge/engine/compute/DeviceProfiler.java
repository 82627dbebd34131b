package dev.quipforge.engine.compute;

import dev.quipforge.engine.hadamard.Hadamard;

/**
 * Times work by the clock of a device, and has baselines to compare it with: what 16-bit operations and the vendor's library
 * achieve there.
 */
public interface DeviceProfiler {

    /**
     * Median seconds of one call by the clock of the device, without what it takes to queue the call.
     *
     * @param work one call; it must not wait for the device, and must have run before, so that whatever it keeps is there
     * @param calls how many calls are queued together; with each call the work may take other operands
     * @param span seconds to go on for
     */
    double seconds(Runnable work, int calls, double span);

    /** The vendor's product of random matrices in bf16 with sums in fp32, [rows × depth] · [columns × depth]ᵀ. */
    Baseline product(int rows, int columns, int depth);

    /**
     * The vendor's product of one random vector with random matrices in fp16, which are used in turn.
     *
     * @param rows rows of a matrix
     * @param columns columns of a matrix
     * @param matrices how many there are
     */
    Baseline vectorProduct(int rows, int columns, int matrices);

    /** A copy of {@code bytes} from one place on the device to another. */
    Baseline copy(long bytes);

    /** {@link HadamardOps#transformRows} of random rows in fp16. */
    Baseline transformRows(Hadamard transform, int rows);

    /** Work to compare with, and the memory that it needs; closing it frees that. */
    interface Baseline extends Runnable, AutoCloseable {

        @Override
        void close();
    }
}
