package dev.quipforge.llm.testing;

import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Models whose linears are stored in a narrow type, as they are published, made of dense ones. */
public final class NarrowWeights {

    /** Rows of a block that has a scale. */
    public static final int ROWS = 16;

    /** Columns of a block that has a scale. */
    public static final int COLUMNS = 32;

    private static final int GROUP = 32;
    private static final float[] FOUR_BITS = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6, 0, -0.5f, -1, -1.5f, -2, -3, -4, -6};
    private static final float LARGEST = 448;
    private static final float[] EIGHT_BITS = eightBits();

    private NarrowWeights() {}

    private static float[] eightBits() {
        byte[] codes = new byte[256];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) i;
        }
        return new Tensor("codes", DataType.F8_E4M3, List.of(256L), MemorySegment.ofArray(codes)).floats();
    }

    /** The linears of blocks in F8_E4M3 with a scale a block of 16 × 32, as DeepSeek-V3 has them. */
    public static void toScaledBlocks(Path model) {
        ModelEdits.tensors(
                model, tensor -> isLinear(tensor) ? scaled(tensor, "_scale_inv", ROWS, COLUMNS) : List.of(tensor));
        ModelEdits.config(
                model,
                fields -> fields.put(
                        "quantization_config",
                        Map.of("quant_method", "fp8", "weight_block_size", List.of(ROWS, COLUMNS))));
    }

    /** The linears of blocks in F8_E4M3 with a scale a row, as compressed-tensors has them. */
    public static void toScaledRows(Path model) {
        ModelEdits.tensors(
                model,
                tensor -> isLinear(tensor)
                        ? scaled(
                                tensor,
                                "_scale",
                                1,
                                Math.toIntExact(tensor.shape().getLast()))
                        : List.of(tensor));
        ModelEdits.config(
                model,
                fields -> fields.put(
                        "quantization_config",
                        Map.of("quant_method", "compressed-tensors", "format", "float-quantized")));
    }

    private static boolean isLinear(Tensor tensor) {
        return tensor.name().endsWith("_proj.weight");
    }

    /** A matrix as codes, with scales of blocks in a tensor of that suffix. */
    public static List<Tensor> scaled(Tensor tensor, String suffix, int rows, int columns) {
        int width = Math.toIntExact(tensor.shape().getLast());
        int across = Math.ceilDiv(width, columns);
        int down = Math.ceilDiv(Math.toIntExact(tensor.shape().getFirst()), rows);
        float[] values = tensor.floats();
        float[] scales = new float[down * across];
        for (int i = 0; i < values.length; i++) {
            int block = i / width / rows * across + i % width / columns;
            scales[block] = Math.max(scales[block], Math.abs(values[i]) / LARGEST);
        }
        byte[] codes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            float scale = scales[i / width / rows * across + i % width / columns];
            codes[i] = (byte) nearest(EIGHT_BITS, scale == 0 ? 0 : values[i] / scale);
        }
        return List.of(
                new Tensor(tensor.name(), DataType.F8_E4M3, tensor.shape(), MemorySegment.ofArray(codes)),
                Tensors.ofFloats(tensor.name() + suffix, List.of((long) down, (long) across), scales));
    }

    /** The experts of a gpt-oss in MXFP4. */
    public static void toFourBits(Path model) {
        ModelEdits.tensors(
                model, tensor -> tensor.name().matches(".*experts\\..*_proj") ? fourBits(tensor) : List.of(tensor));
        ModelEdits.config(model, fields -> fields.put("quantization_config", Map.of("quant_method", "mxfp4")));
    }

    /** [experts × inputs × outputs] becomes blocks [experts × outputs × inputs/32 × 16] and scales. */
    private static List<Tensor> fourBits(Tensor tensor) {
        int inputs = Math.toIntExact(tensor.shape().get(1));
        int outputs = Math.toIntExact(tensor.shape().get(2));
        float[] values = tensor.floats();
        byte[] codes = new byte[values.length / 2];
        byte[] scales = new byte[values.length / GROUP];
        float[] group = new float[GROUP];
        for (int i = 0; i < scales.length; i++) {
            int row = i / (inputs / GROUP);
            int first = i % (inputs / GROUP) * GROUP;
            for (int j = 0; j < GROUP; j++) {
                group[j] = values[(row / outputs * inputs + first + j) * outputs + row % outputs];
            }
            int exponent = exponent(group);
            scales[i] = (byte) (exponent + 127);
            for (int j = 0; j < GROUP; j++) {
                int code = nearest(FOUR_BITS, Math.scalb(group[j], -exponent));
                codes[(i * GROUP + j) / 2] |= (byte) (code << (j % 2 * 4));
            }
        }
        List<Long> shape = List.of(tensor.shape().getFirst(), (long) outputs, (long) inputs / GROUP);
        List<Long> pairs = List.of(shape.get(0), shape.get(1), shape.get(2), GROUP / 2L);
        return List.of(
                new Tensor(tensor.name() + "_blocks", DataType.U8, pairs, MemorySegment.ofArray(codes)),
                new Tensor(tensor.name() + "_scales", DataType.U8, shape, MemorySegment.ofArray(scales)));
    }

    /** That by which the largest of a group is between 4 and 8. */
    private static int exponent(float[] group) {
        float largest = 0;
        for (float value : group) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest == 0 ? 0 : Math.getExponent(largest) - 2;
    }

    private static int nearest(float[] table, float value) {
        int best = 0;
        for (int code = 1; code < table.length; code++) {
            if (Math.abs(table[code] - value) < Math.abs(table[best] - value)) {
                best = code;
            }
        }
        return best;
    }

    /** The relative distance |a − b| / |b|. */
    public static double distance(float[] values, float[] expected) {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.pow(values[i] - expected[i], 2);
            norm += Math.pow(expected[i], 2);
        }
        return Math.sqrt(difference / norm);
    }
}
