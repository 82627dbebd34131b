package dev.quipforge.llm.format;

import dev.quipforge.llm.safetensors.DataType;
import java.util.List;

/**
 * The codes of a quantized linear in a checkpoint. Beside them stand {@link #INPUT_SIGNS} and {@link #OUTPUT_SCALES}, and
 * perhaps a {@link #TABLE}.
 *
 * @param type dtype
 * @param shape length of every dimension
 */
public record StoredTensor(DataType type, List<Long> shape) {

    /** The signs of the input side, or the vector that stands in their place: [inputs]. */
    public static final String INPUT_SIGNS = ".SU";

    /** The signs of the output side times the scale: [outputs]. */
    public static final String OUTPUT_SCALES = ".SV";

    /** The table of values that the linear has in place of its code's own, where the code has one: [2^Q × V]. */
    public static final String TABLE = ".tlut";

    public StoredTensor {
        shape = List.copyOf(shape);
    }
}
