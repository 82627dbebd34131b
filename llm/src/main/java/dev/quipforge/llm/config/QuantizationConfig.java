package dev.quipforge.llm.config;

import dev.quipforge.engine.incoherence.OrthogonalTransform;
import dev.quipforge.engine.rounding.RoundingMethod;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.llm.InvalidModelException;

/**
 * How linears are quantized. {@link QuantizationNames} is the form that recipes and files have.
 *
 * @param code what weights are rounded to
 * @param bits bits per weight
 * @param tailBiting how the trellis encoder finds the ends of a sequence; methods other than QTIP have no use for it
 * @param rounding how it is rounded; methods other than QuIP know only LDLQ
 * @param transform the orthogonal matrices of both sides: Hadamard transforms with random signs, or QuIP's products of random
 *     matrices with rescaled columns
 * @param passes passes of coordinate descent after LDLQ (QuIP#, section 4.1)
 * @param seed decides all that is drawn; the same seed gives the same bytes
 */
public record QuantizationConfig(
        QuantizationCode code,
        int bits,
        TailBiting tailBiting,
        RoundingMethod rounding,
        OrthogonalTransform.Kind transform,
        int passes,
        long seed) {

    /** L: the states of the trellis have 16 bits. */
    public static final int STATE_BITS = 16;

    /** The most passes of coordinate descent that are sensible. */
    public static final int MOST_PASSES = 100;

    /**
     * Checks everything.
     *
     * @throws InvalidModelException naming the value that is wrong
     */
    public QuantizationConfig {
        if (!code.bits().contains(bits)) {
            throw new InvalidModelException(
                    "bits", bits + " (expected for code " + code.key() + ": one of " + code.bits() + ")");
        }
        if (rounding != RoundingMethod.LDLQ && code.method() != QuantizationMethod.QUIP) {
            throw new InvalidModelException(
                    "rounding",
                    rounding.key() + " (expected for method " + code.method().key() + ": " + RoundingMethod.LDLQ.key()
                            + ")");
        }
        int most = rounding == RoundingMethod.LDLQ ? MOST_PASSES : 0;
        if (passes < 0 || passes > most) {
            throw new InvalidModelException(
                    "passes", passes + " (expected with rounding " + rounding.key() + ": 0 to " + most + ")");
        }
    }

    /**
     * The usual settings of a code: LDLQ after Hadamard transforms, the passes of its method.
     *
     * @throws InvalidModelException when the code does not have that many bits
     */
    public static QuantizationConfig of(QuantizationCode code, int bits, long seed) {
        return new QuantizationConfig(
                code,
                bits,
                TailBiting.SEAM,
                RoundingMethod.LDLQ,
                OrthogonalTransform.Kind.HADAMARD,
                code.method().defaultPasses(),
                seed);
    }

    /**
     * The same settings with another code. Where it is of another method, rounding and passes are the usual ones of that.
     *
     * @throws InvalidModelException when the code does not have that many bits
     */
    public QuantizationConfig with(QuantizationCode other, int otherBits) {
        boolean same = other.method() == code.method();
        return new QuantizationConfig(
                other,
                otherBits,
                tailBiting,
                same ? rounding : RoundingMethod.LDLQ,
                transform,
                same ? passes : other.method().defaultPasses(),
                seed);
    }

    /** The method of the code. */
    public QuantizationMethod method() {
        return code.method();
    }

    /** Whether the codes are paths of a trellis. */
    public boolean isTrellis() {
        return method() == QuantizationMethod.QTIP;
    }
}
