package dev.quipforge.llm.safetensors;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.llm.InvalidModelException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A named tensor: its elements row by row, little-endian, not necessarily aligned. A tensor owns nothing; whoever made
 * the memory frees it.
 *
 * @param name its name in the file
 * @param type type of the elements
 * @param shape length of every dimension, outermost first; a scalar has none
 * @param data the elements
 */
public record Tensor(String name, DataType type, List<Long> shape, MemorySegment data) implements WritableTensor {

    public Tensor {
        shape = List.copyOf(shape);
        long needed = Math.multiplyExact(elements(shape), (long) type.bytes());
        if (data.byteSize() != needed) {
            throw new IllegalArgumentException(
                    name + ": " + data.byteSize() + " bytes (expected: " + needed + " for " + describe(shape) + ")");
        }
    }

    @Override
    public void writeTo(Sink sink) throws IOException {
        sink.write(data);
    }

    /** Number of elements. */
    public long elements() {
        return elements(shape);
    }

    /** Number of elements of {@code shape}; an {@link ArithmeticException} where 64 bits do not hold it. */
    static long elements(List<Long> shape) {
        long product = 1;
        for (long length : shape) {
            product = Math.multiplyExact(product, length);
        }
        return product;
    }

    /** A shape for people: {@code 4096 x 11008}, {@code scalar}. */
    public static String describe(List<Long> shape) {
        return shape.isEmpty() ? "scalar" : shape.stream().map(String::valueOf).collect(Collectors.joining(" x "));
    }

    /** Fails unless the tensor has this shape. */
    public Tensor requireShape(List<Long> expected) {
        if (!shape.equals(expected)) {
            throw new InvalidModelException(name, describe(shape) + " (expected: " + describe(expected) + ")");
        }
        return this;
    }

    /** Fails unless the elements are floating-point numbers. */
    public Tensor requireFloating() {
        if (!type.floating()) {
            throw new InvalidModelException(name, "dtype " + type + " (expected: F8, F16, BF16, F32 or F64)");
        }
        return this;
    }

    /** Copies all elements, converted to 32-bit floats; a vector fills a matrix of one row. */
    public void copyTo(HostMatrix target) {
        if ((long) target.rows() * target.columns() != elements()) {
            throw new IllegalArgumentException(
                    name + ": " + describe(shape) + " into " + target.rows() + " x " + target.columns());
        }
        copyRowsTo(0, target);
    }

    /** Fills {@code target} with the rows from {@code first} on, rows as wide as it, converted to 32-bit floats. */
    public void copyRowsTo(long first, HostMatrix target) {
        copyElementsTo(first * target.columns(), target);
    }

    /** Fills {@code target}, row by row, with the elements from {@code first} on, converted to 32-bit floats. */
    public void copyElementsTo(long first, HostMatrix target) {
        requireFloating();
        Elements.toFloats(this, first, target);
    }

    /** The elements as 32-bit floats; an error where there are more than an array holds. */
    public float[] floats() {
        requireFloating();
        requireArray();
        return Elements.floats(this, 0, (int) elements());
    }

    private void requireArray() {
        if (elements() > Elements.MOST) {
            throw new IllegalArgumentException(
                    name + ": " + describe(shape) + " in one array (expected: at most " + Elements.MOST + " elements)");
        }
    }

    /** The elements of an integer tensor of at most 32 bits, I16 with its sign, U16 without. */
    public int[] integers() {
        requireArray();
        return Elements.integers(this);
    }

    /** The elements of an I16 or U16 tensor, bit for bit. */
    public short[] shorts() {
        if (type != DataType.I16 && type != DataType.U16) {
            throw new InvalidModelException(name, "dtype " + type + " (expected: I16)");
        }
        requireArray();
        return data.toArray(Elements.SHORT);
    }

    /** The elements of an I64 tensor, bit for bit. */
    public long[] longs() {
        requireType(DataType.I64).requireArray();
        return data.toArray(Elements.LONG);
    }

    /** Fails unless the elements have this type. */
    public Tensor requireType(DataType expected) {
        if (type != expected) {
            throw new InvalidModelException(name, "dtype " + type + " (expected: " + expected + ")");
        }
        return this;
    }

    /** Fails if an element is NaN or infinite, naming the first; integers always pass. */
    public void requireFinite() {
        if (type.floating()) {
            Elements.requireFinite(this);
        }
    }
}
