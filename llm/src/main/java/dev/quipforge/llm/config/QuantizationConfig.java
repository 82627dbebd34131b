package dev.quipforge.llm.config;

import dev.quipforge.engine.trellis.Trellis;
import dev.quipforge.engine.trellis.TrellisCodes;
import dev.quipforge.llm.InvalidModelException;

/**
 * How the linears of a model are stored: the {@code quantization_config} of this project.
 *
 * @param method {@code qtip}
 * @param code the code of the method, such as {@code 3inst}
 * @param bits bits per weight, 2 to 4
 * @param tailBiting how the encoder found the ends of a sequence, {@code seam} or {@code exact}
 * @param seed the seed of the random signs
 */
public record QuantizationConfig(String method, String code, int bits, String tailBiting, long seed) {

    /** The {@code quant_method} that stands for this project. */
    public static final String QUANT_METHOD = "quipforge";

    /** The only method so far. */
    public static final String QTIP = "qtip";

    /** L: the states of the trellis have 16 bits. */
    public static final int STATE_BITS = 16;

    public QuantizationConfig {
        check(method, code, bits, tailBiting);
    }

    /**
     * Checks how something is, or is to be, quantized.
     *
     * @throws InvalidModelException naming the value that is wrong
     */
    public static void check(String method, String code, int bits, String tailBiting) {
        if (!method.equals(QTIP)) {
            throw new InvalidModelException("method", method + " (expected: " + QTIP + ")");
        }
        if (!TrellisCodes.names().contains(code)) {
            throw new InvalidModelException("code", code + " (expected: one of " + TrellisCodes.names() + ")");
        }
        if (bits < 2 || bits > 4) {
            throw new InvalidModelException("bits", bits + " (expected: 2, 3 or 4)");
        }
        if (!tailBiting.equals("seam") && !tailBiting.equals("exact")) {
            throw new InvalidModelException("tailBiting", tailBiting + " (expected: seam or exact)");
        }
    }

    /** The trellis that the codes are paths of. */
    public Trellis trellis() {
        return Trellis.of(code, STATE_BITS, bits);
    }
}
