package dev.quipforge.llm.rows;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.TensorSource;
import java.util.List;

/**
 * Weights in 8-bit floating point, as they are published: a tensor of F8_E4M3 or F8_E5M2, [m × n], and beside it the scales by
 * which its values are multiplied. What is stored for the scaling of activations plays no part here.
 */
public final class ScaledWeights {

    /** Rows and columns of a block where {@code weight_block_size} says nothing else. */
    public static final int BLOCK = 128;

    private ScaledWeights() {}

    /**
     * One scale a block, as in DeepSeek-V3: {@code <weight>_scale_inv}, [⌈m / blockRows⌉ × ⌈n / blockColumns⌉].
     *
     * @param tensors the checkpoint
     * @param weight name of the tensor of codes, such as {@code model.layers.0.mlp.up_proj.weight}
     * @param blockRows rows of a block
     * @param blockColumns columns of a block
     * @throws InvalidModelException naming the tensor that is missing or has another type or shape
     */
    public static DenseRows ofBlocks(TensorSource tensors, String weight, int blockRows, int blockColumns) {
        TensorRows values = values(tensors, weight);
        long down = Math.ceilDiv(values.rows(), blockRows);
        long across = Math.ceilDiv(values.columns(), blockColumns);
        Tensor scales = scales(tensors, weight, "_scale_inv").requireShape(List.of(down, across));
        return new ScaledRows(values, new BlockScales(scales, blockRows, blockColumns));
    }

    /**
     * One scale for all of a weight or one a row, as in compressed-tensors and FBGEMM: {@code <weight>_scale}, a scalar or [1],
     * or [m] or [m × 1].
     *
     * @param tensors the checkpoint
     * @param weight name of the tensor of codes
     * @throws InvalidModelException naming the tensor that is missing or has another type or shape
     */
    public static DenseRows ofRows(TensorSource tensors, String weight) {
        TensorRows values = values(tensors, weight);
        Tensor scales = scales(tensors, weight, "_scale");
        List<Long> shape = scales.shape();
        long rows = values.rows();
        if (shape.stream().allMatch(length -> length == 1)) {
            return new ScaledRows(values, new BlockScales(scales, values.rows(), values.columns()));
        }
        if (!shape.equals(List.of(rows)) && !shape.equals(List.of(rows, 1L))) {
            throw new InvalidModelException(
                    scales.name(), Tensor.describe(shape) + " (expected: one scale, " + rows + " or " + rows + " x 1)");
        }
        return new ScaledRows(values, new BlockScales(scales, 1, values.columns()));
    }

    private static TensorRows values(TensorSource tensors, String weight) {
        Tensor codes = tensors.tensor(weight);
        if (codes.type() != DataType.F8_E4M3 && codes.type() != DataType.F8_E5M2) {
            throw new InvalidModelException(weight, "dtype " + codes.type() + " (expected: F8_E4M3 or F8_E5M2)");
        }
        return TensorRows.of(codes);
    }

    private static Tensor scales(TensorSource tensors, String weight, String suffix) {
        String name = weight + suffix;
        if (!tensors.contains(name)) {
            throw new InvalidModelException(name, "missing (expected: the scales of " + weight + ")");
        }
        return tensors.tensor(name).requireFloating();
    }
}
