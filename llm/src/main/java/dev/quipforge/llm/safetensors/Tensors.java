package dev.quipforge.llm.safetensors;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.HostMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Tensors over copies of Java values, for writing. */
public final class Tensors {

    private Tensors() {}

    /** Integers as I32. */
    public static Tensor ofIntegers(String name, List<Long> shape, int[] values) {
        return copied(name, DataType.I32, shape, MemorySegment.ofArray(values));
    }

    /** 64-bit words as I64. */
    public static Tensor ofLongs(String name, List<Long> shape, long[] values) {
        return copied(name, DataType.I64, shape, MemorySegment.ofArray(values));
    }

    /** 16-bit words as I16. */
    public static Tensor ofShorts(String name, List<Long> shape, short[] values) {
        return copied(name, DataType.I16, shape, MemorySegment.ofArray(values));
    }

    /** Floats as F32. */
    public static Tensor ofFloats(String name, List<Long> shape, float[] values) {
        return copied(name, DataType.F32, shape, MemorySegment.ofArray(values));
    }

    /** Floats as F16, rounded to nearest even. */
    public static Tensor ofHalves(String name, List<Long> shape, float[] values) {
        MemorySegment bytes = buffers((long) values.length * DataType.F16.bytes());
        Elements.fromFloats(values, values.length, DataType.F16, bytes);
        return new Tensor(name, DataType.F16, shape, bytes);
    }

    /**
     * A tensor of floats with other elements, rounded to nearest even; itself where it has them already. The elements are
     * converted while they are written, so the memory of {@code tensor} must live until then.
     *
     * @param tensor the tensor
     * @param type what its elements are to be. F64 gives F32, which is as exact as anything here is computed; an F8, which
     *     means little without the scales beside it, gives BF16
     */
    public static WritableTensor converted(Tensor tensor, DataType type) {
        if (tensor.type() == type) {
            return tensor;
        }
        tensor.requireFloating();
        return switch (type) {
            case F32, F64 -> new ConvertedTensor(tensor, DataType.F32);
            case F16 -> new ConvertedTensor(tensor, DataType.F16);
            case BF16, F8_E4M3, F8_E5M2 -> new ConvertedTensor(tensor, DataType.BF16);
            case BOOL, U8, I8, I16, U16, I32, U32, I64, U64 ->
                throw new IllegalArgumentException(tensor.name() + ": to " + type + " (expected: a floating type)");
        };
    }

    /** A contiguous matrix as F32, without a copy: the tensor lives as long as the matrix. */
    public static Tensor ofMatrix(String name, HostMatrix matrix) {
        if (!matrix.contiguous()) {
            throw new IllegalArgumentException(name + ": stride " + matrix.stride() + " (expected: contiguous rows)");
        }
        MemorySegment data = matrix.data().asSlice(0, (long) matrix.rows() * matrix.columns() * JAVA_FLOAT.byteSize());
        return new Tensor(name, DataType.F32, List.of((long) matrix.rows(), (long) matrix.columns()), data);
    }

    /** The same tensor in memory of its own. */
    public static Tensor copyOf(Tensor tensor) {
        return copied(tensor.name(), tensor.type(), tensor.shape(), tensor.data());
    }

    private static Tensor copied(String name, DataType type, List<Long> shape, MemorySegment values) {
        return new Tensor(name, type, shape, buffers(values.byteSize()).copyFrom(values));
    }

    /** Memory that is freed with the last tensor over it: on the heap or, where no array is that large, beside it. */
    private static MemorySegment buffers(long bytes) {
        return bytes <= Elements.MOST
                ? MemorySegment.ofArray(new byte[(int) bytes])
                : Arena.ofAuto().allocate(bytes);
    }
}
