package dev.quipforge.llm.rows;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.TensorSource;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * One of many matrices in MXFP4, as in gpt-oss: {@code <name>_blocks}, U8 [matrices × rows × columns/32 × 16], with two codes a
 * byte, the lower one first, and {@code <name>_scales}, U8 [matrices × rows × columns/32]. A value is that of its code (E2M1)
 * times 2^(scale − 127).
 */
public final class Mxfp4Rows implements DenseRows {

    /** Values that share a scale. */
    public static final int GROUP = 32;

    /** The values of the codes: a sign, 2 bits of exponent, 1 of mantissa. */
    private static final float[] VALUES = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6, -0f, -0.5f, -1, -1.5f, -2, -3, -4, -6};

    private static final int BIAS = 127;
    private static final int NOT_A_NUMBER = 255;

    private final Tensor codes;
    private final Tensor scales;
    private final long before;
    private final int rows;
    private final int groups;

    private Mxfp4Rows(Tensor codes, Tensor scales, long before, int rows, int groups) {
        this.codes = codes;
        this.scales = scales;
        this.before = before;
        this.rows = rows;
        this.groups = groups;
    }

    /**
     * One matrix.
     *
     * @param tensors the checkpoint
     * @param name what the names of both tensors begin with, such as {@code model.layers.0.mlp.experts.gate_up_proj}
     * @param index which matrix, from 0
     * @throws InvalidModelException naming the tensor that is missing or has another type or shape
     */
    public static Mxfp4Rows of(TensorSource tensors, String name, int index) {
        Tensor codes = tensors.tensor(name + "_blocks").requireType(DataType.U8);
        int[] lengths = TensorRows.lengths(codes, 4, "matrices x rows x groups x 16");
        List<Long> shape = codes.shape();
        if (lengths[3] != GROUP / 2 || lengths[2] > Integer.MAX_VALUE / GROUP) {
            throw new InvalidModelException(
                    codes.name(), Tensor.describe(shape) + " (expected: matrices x rows x groups x 16)");
        }
        if (!tensors.contains(name + "_scales")) {
            throw new InvalidModelException(name + "_scales", "missing (expected: the scales of " + codes.name() + ")");
        }
        Tensor scales =
                tensors.tensor(name + "_scales").requireType(DataType.U8).requireShape(shape.subList(0, 3));
        Objects.checkIndex(index, lengths[0]);
        return new Mxfp4Rows(codes, scales, (long) index * lengths[1], lengths[1], lengths[2]);
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int columns() {
        return groups * GROUP;
    }

    @Override
    public void copyTo(int first, int step, HostMatrix target) {
        requireRows(first, step, target);
        float[] line = new float[columns()];
        for (int i = 0; i < target.rows(); i++) {
            decode(before + first + (long) i * step, line);
            MemorySegment.copy(line, 0, target.row(i), JAVA_FLOAT, 0, line.length);
        }
    }

    /** Row {@code row} of all matrices below each other. */
    private void decode(long row, float[] line) {
        int half = GROUP / 2;
        byte[] pairs = bytes(codes, row, groups * half);
        byte[] exponents = bytes(scales, row, groups);
        for (int group = 0; group < groups; group++) {
            int exponent = exponents[group] & 0xFF;
            if (exponent == NOT_A_NUMBER) {
                throw new InvalidModelException(
                        scales.name(), "255 at element " + (row * groups + group) + " (expected: 0 to 254)");
            }
            float scale = Math.scalb(1f, exponent - BIAS);
            for (int i = group * half; i < (group + 1) * half; i++) {
                line[2 * i] = VALUES[pairs[i] & 0xF] * scale;
                line[2 * i + 1] = VALUES[pairs[i] >>> 4 & 0xF] * scale;
            }
        }
    }

    private static byte[] bytes(Tensor tensor, long row, int width) {
        return tensor.data().asSlice(row * width, width).toArray(JAVA_BYTE);
    }
}
