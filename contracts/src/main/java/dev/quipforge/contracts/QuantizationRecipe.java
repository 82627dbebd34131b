package dev.quipforge.contracts;

/**
 * How the linears are quantized. Names are those of the job API and of {@link MethodCatalogue}.
 *
 * @param method such as {@code qtip}
 * @param code the code of the method, such as {@code 3inst}
 * @param bits bits per weight
 * @param tailBiting {@code seam} or {@code exact}; for trellis codes
 * @param rounding {@code ldlq}, or for scalar grids another of QuIP's ways
 * @param transform {@code hadamard} or {@code kronecker}
 * @param passes passes of coordinate descent after LDLQ
 * @param seed decides all that is drawn; the same seed gives the same bytes
 */
public record QuantizationRecipe(
        String method,
        String code,
        int bits,
        String tailBiting,
        String rounding,
        String transform,
        int passes,
        long seed) {}
