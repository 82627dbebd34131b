package dev.quipforge.contracts;

/**
 * How the linears are quantized. Names are those of the job API.
 *
 * @param method {@code qtip}
 * @param code the code of the method, such as {@code 3inst}
 * @param bits bits per weight
 * @param tailBiting {@code seam} or {@code exact}
 * @param seed decides every random sign; the same seed gives the same bytes
 */
public record QuantizationRecipe(String method, String code, int bits, String tailBiting, long seed) {}
