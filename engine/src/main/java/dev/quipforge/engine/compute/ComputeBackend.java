package dev.quipforge.engine.compute;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Hardware that can do the mathematics of this project: it owns buffers and offers families of whole operations on them.
 *
 * <p>The {@code scalar} backend defines every operation in obvious loops with double accumulators; {@code vector} and
 * {@code cuda} are its fast twins, and one contract suite holds them together. Operations take only matrices of
 * workspaces of the same backend; shapes that do not fit are an {@link IllegalArgumentException} that names both.
 * Operations are complete when they return, as far as a caller can see. A backend is safe for use by several threads,
 * and its results do not depend on how many threads it uses itself.
 */
public interface ComputeBackend extends AutoCloseable {

    /** The name it is asked for by: {@code scalar}, {@code vector}, {@code cuda}. */
    String name();

    /** One line for the log and the report: device, lanes, threads. */
    String description();

    /** A new, empty workspace; the caller closes it. */
    Workspace workspace();

    /** Copies host values into a matrix of this backend, same shape. */
    void upload(HostMatrix source, Matrix target);

    /**
     * Converts the elements of a file to a matrix of this backend.
     *
     * @param format how they stand in the file
     * @param elements row by row without gaps, of any alignment; exactly those of the matrix
     * @param target receives them
     */
    void upload(FloatFormat format, MemorySegment elements, Matrix target);

    /** Copies a matrix of this backend to the host, same shape. */
    void download(Matrix source, HostMatrix target);

    /** Copies integers to the host, row by row. */
    int[] download(IntMatrix source);

    /** Bytes that all open workspaces hold now. */
    long allocatedBytes();

    /**
     * The most bytes that were in use at once since this backend was made, or since {@link #resetPeak}: those of all open
     * workspaces, and on a device those that operations needed beside them.
     */
    long peakBytes();

    /** Begins to measure {@link #peakBytes} anew, with what is in use now. */
    void resetPeak();

    /** Products, sums and scalings of dense matrices. */
    DenseOps dense();

    /** Fast Hadamard transforms. */
    HadamardOps hadamard();

    /** Cholesky and block LDL factorizations. */
    FactorOps factor();

    /** Codebooks: the nearest vectors, and decoding. */
    CodebookOps codebook();

    /** Trellis-coded quantization: Viterbi encoding and decoding. */
    TrellisOps trellis();

    /**
     * Products with packed matrices.
     *
     * @throws UnsupportedOperationException on a backend that has none yet
     */
    default PackedOps packed() {
        throw new UnsupportedOperationException("products with packed matrices: not on backend " + name());
    }

    /**
     * What a server computes for the next tokens of texts.
     *
     * @throws UnsupportedOperationException on a backend that has none yet
     */
    default DecodeOps decode() {
        throw new UnsupportedOperationException("decoding: not on backend " + name());
    }

    /** The operations of a decoder-only transformer. */
    TransformerOps transformer();

    /**
     * Backward forms, losses and the optimizer.
     *
     * @throws UnsupportedOperationException on a backend that has none yet
     */
    default GradientOps gradient() {
        throw new UnsupportedOperationException("gradients: not on backend " + name());
    }

    /** Times work on the device; none on a backend whose operations are done when they return. */
    default Optional<DeviceProfiler> profiler() {
        return Optional.empty();
    }

    @Override
    void close();
}
