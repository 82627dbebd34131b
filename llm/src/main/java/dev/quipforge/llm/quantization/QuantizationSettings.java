package dev.quipforge.llm.quantization;

import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.config.QuantizationConfig;
import java.util.Locale;

/**
 * How linears are to be quantized.
 *
 * @param method {@code qtip}
 * @param code the code of the method, such as {@code 3inst}
 * @param bits bits per weight, 2 to 4
 * @param tailBiting how the encoder finds the ends of a sequence, {@code seam} or {@code exact}
 * @param seed decides every random sign; the same seed gives the same bytes
 */
public record QuantizationSettings(String method, String code, int bits, String tailBiting, long seed) {

    /**
     * Checks the settings.
     *
     * @throws InvalidModelException naming the one that is wrong
     */
    public QuantizationSettings {
        QuantizationConfig.check(method, code, bits, tailBiting);
    }

    /** The trellis that encodes. */
    public Trellis trellis() {
        return Trellis.of(code, QuantizationConfig.STATE_BITS, bits);
    }

    /** {@link #tailBiting} as the engine has it. */
    public TailBiting ends() {
        return TailBiting.valueOf(tailBiting.toUpperCase(Locale.ROOT));
    }
}
