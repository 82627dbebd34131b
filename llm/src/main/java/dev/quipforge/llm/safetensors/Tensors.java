package dev.quipforge.llm.safetensors;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.HostMatrix;
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
        short[] halves = new short[values.length];
        for (int i = 0; i < halves.length; i++) {
            halves[i] = Float.floatToFloat16(values[i]);
        }
        return copied(name, DataType.F16, shape, MemorySegment.ofArray(halves));
    }

    /** Floats as BF16, rounded to nearest even. */
    public static Tensor ofBrainFloats(String name, List<Long> shape, float[] values) {
        return copied(name, DataType.BF16, shape, MemorySegment.ofArray(Elements.toBrainFloats(values)));
    }

    /** A tensor of floats with other elements, rounded to nearest even, F32 at most; itself where it has them already. */
    public static Tensor converted(Tensor tensor, DataType type) {
        if (tensor.type() == type) {
            return tensor;
        }
        return switch (type) {
            case F32, F64 -> ofFloats(tensor.name(), tensor.shape(), tensor.floats());
            case F16 -> ofHalves(tensor.name(), tensor.shape(), tensor.floats());
            case BF16 -> ofBrainFloats(tensor.name(), tensor.shape(), tensor.floats());
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
        MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(values.byteSize())]);
        return new Tensor(name, type, shape, bytes.copyFrom(values));
    }
}
