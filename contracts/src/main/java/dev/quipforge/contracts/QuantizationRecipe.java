package dev.quipforge.contracts;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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
 * @param overrides whole recipes of some groups, by path {@code <block>/<group>}, which counts first, or by a glob over
 *     paths as {@link java.nio.file.FileSystem#getPathMatcher} reads it; null for none
 */
public record QuantizationRecipe(
        String method,
        String code,
        int bits,
        String tailBiting,
        String rounding,
        String transform,
        int passes,
        long seed,
        @Nullable Map<String, QuantizationRecipe> overrides) {

    public QuantizationRecipe {
        overrides = overrides == null ? null : Collections.unmodifiableSortedMap(new TreeMap<>(overrides));
    }

    /** The same recipe for all groups. */
    public QuantizationRecipe(
            String method,
            String code,
            int bits,
            String tailBiting,
            String rounding,
            String transform,
            int passes,
            long seed) {
        this(method, code, bits, tailBiting, rounding, transform, passes, seed, null);
    }

    /** The same recipe with other overrides; null for none. */
    public QuantizationRecipe withOverrides(@Nullable SortedMap<String, QuantizationRecipe> others) {
        return new QuantizationRecipe(method, code, bits, tailBiting, rounding, transform, passes, seed, others);
    }

    /**
     * The recipe of groups with another code. Where that is of another method, rounding and passes are the usual ones of it.
     *
     * @param otherCode a code of {@link MethodCatalogue#standard}
     */
    public QuantizationRecipe with(String otherCode, int otherBits) {
        MethodCatalogue.Method other = MethodCatalogue.standard()
                .methodOf(otherCode)
                .orElseThrow(
                        () -> new IllegalArgumentException("code: " + otherCode + " (expected: one that is offered)"));
        boolean same = other.name().equals(method);
        return new QuantizationRecipe(
                other.name(),
                otherCode,
                otherBits,
                tailBiting,
                same ? rounding : MethodCatalogue.LDLQ,
                transform,
                same ? passes : other.passes(),
                seed);
    }
}
