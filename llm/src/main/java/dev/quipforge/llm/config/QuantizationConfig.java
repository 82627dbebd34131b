package dev.quipforge.llm.config;

/**
 * The {@code quantization_config} of a model that this project quantized.
 *
 * @param method {@code qtip}
 * @param code the code, such as {@code 3inst}
 * @param bits bits per weight
 * @param tailBiting {@code seam} or {@code exact}
 * @param seed the seed of the random signs
 */
public record QuantizationConfig(String method, String code, int bits, String tailBiting, long seed) {

    /** The {@code quant_method} that stands for this project. */
    public static final String QUANT_METHOD = "quipforge";
}
