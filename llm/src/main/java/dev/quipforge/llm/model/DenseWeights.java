package dev.quipforge.llm.model;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.architecture.LinearShape;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.architecture.TensorPart;
import dev.quipforge.llm.config.ScaleBlock;
import dev.quipforge.llm.rows.DenseRows;
import dev.quipforge.llm.rows.Mxfp4Rows;
import dev.quipforge.llm.rows.ScaledWeights;
import dev.quipforge.llm.rows.TensorRows;
import dev.quipforge.llm.rows.TransposedRows;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.TensorSource;
import java.util.List;

/**
 * The weights and biases of linears that are not quantized by this project, however their files store them: a tensor each or a
 * part of one, in 32, 16 or 8 bits with scales, or in MXFP4.
 *
 * @param tensors of the model
 * @param scaleBlock what has a scale where weights of 8 bits have one a block
 */
public record DenseWeights(TensorSource tensors, ScaleBlock scaleBlock) {

    private static final String BLOCKS = "_blocks";
    private static final String SCALES = "_scales";
    private static final String INVERSE_SCALE = "_scale_inv";
    private static final String SCALE = "_scale";

    /**
     * The weight of a linear, [outputs × inputs].
     *
     * @throws InvalidModelException naming the tensor that is missing or not what it must be
     */
    public DenseRows rows(LinearSpec linear) {
        TensorPart part = linear.weight();
        LinearShape shape = linear.shape();
        if (isByItself(linear)) {
            return TensorRows.of(
                    tensors.tensor(linear.weightName()).requireFloating().requireShape(shape.asList()));
        }
        if (tensors.contains(part.tensor() + BLOCKS)) {
            return selected(Mxfp4Rows.of(tensors, part.tensor(), requireSlice(part)), part, shape);
        }
        Tensor tensor = tensors.tensor(part.tensor()).requireFloating().requireShape(part.shape());
        if (tensor.type().bytes() == 1) {
            return selected(scaled(part.tensor()), part, shape);
        }
        return selected(plain(tensor, part), part, shape);
    }

    /** Whether a linear that is a part of a larger tensor in the original is a tensor of its own here. */
    private boolean isByItself(LinearSpec linear) {
        String fused = linear.weight().tensor();
        return !fused.equals(linear.weightName()) && tensors.contains(linear.weightName()) && !tensors.contains(fused);
    }

    private static int requireSlice(TensorPart part) {
        if (part.slice() == TensorPart.ALL) {
            throw new InvalidModelException(
                    part.tensor() + BLOCKS, "MXFP4 (expected: a matrix; MXFP4 is read of experts only)");
        }
        return part.slice();
    }

    private DenseRows scaled(String tensor) {
        return tensors.contains(tensor + SCALE) && !tensors.contains(tensor + INVERSE_SCALE)
                ? ScaledWeights.ofRows(tensors, tensor)
                : ScaledWeights.ofBlocks(tensors, tensor, scaleBlock.rows(), scaleBlock.columns());
    }

    private static DenseRows plain(Tensor tensor, TensorPart part) {
        boolean whole = part.slice() == TensorPart.ALL;
        if (part.transposed()) {
            return whole ? TransposedRows.of(tensor) : TransposedRows.slice(tensor, part.slice());
        }
        return whole ? TensorRows.of(tensor) : TensorRows.slice(tensor, part.slice());
    }

    private static DenseRows selected(DenseRows all, TensorPart part, LinearShape shape) {
        long end = part.first() + (shape.outputs() - 1L) * part.step() + 1;
        if (all.columns() != shape.inputs() || end > all.rows()) {
            throw new InvalidModelException(
                    part.tensor(), all.rows() + " x " + all.columns() + " (expected: " + shape + " of it)");
        }
        return part.step() == 1
                ? all.rows(part.first(), part.first() + shape.outputs())
                : all.everySecond(part.first());
    }

    /** The bias of a linear that has one. */
    public float[] bias(LinearSpec linear) {
        TensorPart part = linear.bias().orElseThrow();
        float[] all = tensors.tensor(part.tensor()).requireShape(part.shape()).floats();
        float[] bias = new float[linear.shape().outputs()];
        int width = Math.toIntExact(part.shape().getLast());
        int before = Math.max(0, part.slice()) * width + part.first();
        for (int i = 0; i < bias.length; i++) {
            bias[i] = all[before + i * part.step()];
        }
        return bias;
    }

    /** The element type that a linear has in a dense checkpoint: its own, and BF16 where that is narrower. */
    public DataType type(LinearSpec linear) {
        String name = isByItself(linear) ? linear.weightName() : linear.weight().tensor();
        if (!tensors.contains(name)) {
            return DataType.BF16;
        }
        DataType type = tensors.tensor(name).type();
        return switch (type) {
            case F64 -> DataType.F32;
            case F32, F16, BF16 -> type;
            default -> DataType.BF16;
        };
    }

    /** The names of the tensors that the weight of a linear may be read from. */
    public List<String> weightNames(LinearSpec linear) {
        String tensor =
                isByItself(linear) ? linear.weightName() : linear.weight().tensor();
        return List.of(tensor, tensor + BLOCKS, tensor + SCALES, tensor + INVERSE_SCALE, tensor + SCALE);
    }
}
