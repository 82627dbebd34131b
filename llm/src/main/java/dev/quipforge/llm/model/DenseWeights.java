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
import java.util.stream.Stream;

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
            return selected(blocks(part), part, shape);
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

    /** The slice of a tensor in MXFP4, which is stored [slices × outputs × inputs] whatever the tensor is as a whole. */
    private DenseRows blocks(TensorPart part) {
        String name = part.tensor() + BLOCKS;
        if (part.slice() == TensorPart.ALL) {
            throw new InvalidModelException(name, "MXFP4 (expected: a matrix; MXFP4 is read of experts only)");
        }
        long slices = part.shape().getFirst();
        long outputs = part.shape().get(part.transposed() ? 2 : 1);
        long inputs = part.shape().get(part.transposed() ? 1 : 2);
        long groups = Math.ceilDiv(inputs, Mxfp4Rows.GROUP);
        tensors.tensor(name).requireShape(List.of(slices, outputs, groups, Mxfp4Rows.GROUP / 2L));
        return Mxfp4Rows.of(tensors, part.tensor(), part.slice());
    }

    /** Whether a tensor is a matrix of 8-bit floats with scales beside it. */
    public boolean isScaled(String tensor) {
        Tensor codes = tensors.tensor(tensor);
        boolean floats = codes.type().floating() && codes.type().bytes() == 1;
        return floats
                && codes.shape().size() == 2
                && (tensors.contains(tensor + INVERSE_SCALE) || tensors.contains(tensor + SCALE));
    }

    /** Whether a tensor holds the scales of another one that {@link #isScaled}. */
    public boolean isScaleOfOther(String tensor) {
        return Stream.of(INVERSE_SCALE, SCALE)
                .filter(tensor::endsWith)
                .map(suffix -> tensor.substring(0, tensor.length() - suffix.length()))
                .anyMatch(other -> tensors.contains(other) && isScaled(other));
    }

    /**
     * The values of a matrix of 8-bit floats, times their scales.
     *
     * @throws InvalidModelException naming the tensor that is missing or not what it must be
     */
    public DenseRows scaled(String tensor) {
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
