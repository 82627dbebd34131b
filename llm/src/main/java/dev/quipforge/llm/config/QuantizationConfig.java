package dev.quipforge.llm.config;

import dev.quipforge.engine.incoherence.OrthogonalTransform;
import dev.quipforge.llm.InvalidModelException;
import java.util.List;

/**
 * How the linears of a model are quantized: the settings of a job, and the {@code quantization_config} of its result.
 *
 * @param method name of a {@link QuantizationMethod}
 * @param code the code of the method, such as {@code 3inst}
 * @param bits bits per weight
 * @param tailBiting how the trellis encoder finds the ends of a sequence, {@code seam} or {@code exact}; other methods have
 *     no use for it
 * @param rounding how a scalar grid is rounded to, {@code ldlq} or another of QuIP's; other methods know only {@code ldlq}
 * @param transform the orthogonal matrices of both sides, {@code hadamard} with random signs, or {@code kronecker}, QuIP's
 *     products of random matrices with rescaled columns
 * @param passes passes of coordinate descent after LDLQ (QuIP#, section 4.1)
 * @param seed decides all that is drawn; the same seed gives the same bytes
 */
public record QuantizationConfig(
        String method,
        String code,
        int bits,
        String tailBiting,
        String rounding,
        String transform,
        int passes,
        long seed) {

    /** The {@code quant_method} that stands for this project. */
    public static final String QUANT_METHOD = "quipforge";

    /** L: the states of the trellis have 16 bits. */
    public static final int STATE_BITS = 16;

    /** The most passes of coordinate descent that are sensible. */
    public static final int MOST_PASSES = 100;

    /** {@link #tailBiting} with a short first pass around the seam. */
    public static final String SEAM = "seam";

    /** {@link #rounding} with linear feedback. */
    public static final String LDLQ = "ldlq";

    /** {@link #transform} by fast Hadamard transforms. */
    public static final String HADAMARD = "hadamard";

    /** {@link #transform} by Kronecker products of random orthogonal matrices. */
    public static final String KRONECKER = "kronecker";

    private static final List<String> ENDS = List.of(SEAM, "exact");
    private static final List<String> ROUNDINGS = List.of(LDLQ, "ldlq-rg", "greedy", "nearest", "stochastic");
    private static final List<String> TRANSFORMS = List.of(HADAMARD, KRONECKER);

    /**
     * Checks everything.
     *
     * @throws InvalidModelException naming the value that is wrong
     */
    public QuantizationConfig {
        List<Integer> possible = QuantizationMethod.of(method).bits(code);
        if (!possible.contains(bits)) {
            throw new InvalidModelException(
                    "bits", bits + " (expected for code " + code + ": one of " + possible + ")");
        }
        requireOneOf("tailBiting", tailBiting, ENDS);
        requireOneOf("rounding", rounding, ROUNDINGS);
        requireOneOf("transform", transform, TRANSFORMS);
        if (!rounding.equals(LDLQ) && !method.equals(QuantizationMethod.QUIP.key())) {
            throw new InvalidModelException(
                    "rounding", rounding + " (expected for method " + method + ": " + LDLQ + ")");
        }
        int most = rounding.equals(LDLQ) ? MOST_PASSES : 0;
        if (passes < 0 || passes > most) {
            throw new InvalidModelException(
                    "passes", passes + " (expected with rounding " + rounding + ": 0 to " + most + ")");
        }
    }

    /**
     * The usual settings of a method: LDLQ after Hadamard transforms, the passes of {@link QuantizationMethod}.
     *
     * @throws InvalidModelException naming the value that is wrong
     */
    public static QuantizationConfig of(String method, String code, int bits, long seed) {
        int passes = QuantizationMethod.of(method).defaultPasses();
        return new QuantizationConfig(method, code, bits, SEAM, LDLQ, HADAMARD, passes, seed);
    }

    /** Whether the codes are paths of a trellis. */
    public boolean isTrellis() {
        return method.equals(QuantizationMethod.QTIP.key());
    }

    /** Where the orthogonal matrices come from. */
    public OrthogonalTransform.Kind orthogonal() {
        return transform.equals(KRONECKER) ? OrthogonalTransform.Kind.KRONECKER : OrthogonalTransform.Kind.HADAMARD;
    }

    private static void requireOneOf(String field, String value, List<String> possible) {
        if (!possible.contains(value)) {
            throw new InvalidModelException(field, value + " (expected: one of " + possible + ")");
        }
    }
}
