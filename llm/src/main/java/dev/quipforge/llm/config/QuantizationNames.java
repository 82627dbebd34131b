package dev.quipforge.llm.config;

import dev.quipforge.engine.incoherence.OrthogonalTransform;
import dev.quipforge.engine.rounding.RoundingMethod;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.llm.InvalidModelException;
import java.util.List;
import java.util.function.Function;

/**
 * A {@link QuantizationConfig} by the names that command lines, recipes, reports and files have for its settings.
 *
 * @param method such as {@code qtip}
 * @param code a code of the method, such as {@code 3inst}
 * @param bits bits per weight
 * @param tailBiting {@code seam} or {@code exact}
 * @param rounding such as {@code ldlq}
 * @param transform {@code hadamard} or {@code kronecker}
 * @param passes passes of coordinate descent after LDLQ
 * @param seed decides all that is drawn
 */
public record QuantizationNames(
        String method,
        String code,
        int bits,
        String tailBiting,
        String rounding,
        String transform,
        int passes,
        long seed) {

    /** The names of settings. */
    public static QuantizationNames of(QuantizationConfig config) {
        return new QuantizationNames(
                config.method().key(),
                config.code().key(),
                config.bits(),
                config.tailBiting().key(),
                config.rounding().key(),
                config.transform().key(),
                config.passes(),
                config.seed());
    }

    /**
     * The settings.
     *
     * @throws InvalidModelException naming the value that is wrong
     */
    public QuantizationConfig config() {
        return new QuantizationConfig(
                code(method(method), code),
                bits,
                named("tailBiting", tailBiting, List.of(TailBiting.values()), TailBiting::key),
                rounding(rounding),
                named(
                        "transform",
                        transform,
                        List.of(OrthogonalTransform.Kind.values()),
                        OrthogonalTransform.Kind::key),
                passes,
                seed);
    }

    /**
     * The method of that name.
     *
     * @throws InvalidModelException when there is none
     */
    public static QuantizationMethod method(String name) {
        return named("method", name, List.of(QuantizationMethod.values()), QuantizationMethod::key);
    }

    /**
     * The code of that name, whatever its method.
     *
     * @throws InvalidModelException when there is none
     */
    public static QuantizationCode code(String name) {
        return named("code", name, List.of(QuantizationCode.values()), QuantizationCode::key);
    }

    private static QuantizationCode code(QuantizationMethod method, String name) {
        return named("code", name, " for method " + method.key(), QuantizationCode.of(method), QuantizationCode::key);
    }

    /**
     * The passes of coordinate descent where none are asked for: the method's after LDLQ, else none.
     *
     * @throws InvalidModelException when there is no such method or rounding
     */
    public static int usualPasses(String method, String rounding) {
        return rounding(rounding) == RoundingMethod.LDLQ ? method(method).defaultPasses() : 0;
    }

    private static RoundingMethod rounding(String name) {
        return named("rounding", name, List.of(RoundingMethod.values()), RoundingMethod::key);
    }

    private static <V> V named(String field, String name, List<V> possible, Function<V, String> key) {
        return named(field, name, "", possible, key);
    }

    private static <V> V named(String field, String name, String where, List<V> possible, Function<V, String> key) {
        return possible.stream()
                .filter(value -> key.apply(value).equals(name))
                .findFirst()
                .orElseThrow(() -> new InvalidModelException(
                        field,
                        name + " (expected" + where + ": one of "
                                + possible.stream().map(key).toList() + ")"));
    }
}
