package dev.quipforge.gateway.request;

import dev.quipforge.contracts.MethodCatalogue;
import dev.quipforge.contracts.MethodCatalogue.Code;
import dev.quipforge.contracts.MethodCatalogue.Method;
import dev.quipforge.contracts.TuningRecipe;
import dev.quipforge.gateway.request.JobRequest.Calibration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Checks recipes against the catalogue of methods. */
final class RecipeCheck {

    private static final MethodCatalogue CATALOGUE = MethodCatalogue.standard();
    static final List<Integer> ANY_BITS = List.of(2, 3, 4);

    private RecipeCheck() {}

    /** What stands for a recipe that is missing. */
    static JobRequest.Recipe nothing() {
        return new JobRequest.Recipe("", "", 0, "", "", "", 0, 0, null, new Calibration(null, null, 0, 0), null);
    }

    /** The recipe with its defaults; what is wrong goes to {@code findings}. */
    static JobRequest.Recipe check(JobSubmission.Recipe asked, Calibration calibration, Findings findings) {
        List<String> names = CATALOGUE.methods().stream().map(Method::name).toList();
        String name = findings.oneOf("recipe.method", asked.method(), names);
        Optional<Method> method = CATALOGUE.method(name);
        String code = code(asked.code(), method, findings);
        int bits = bits(asked.bits(), method.flatMap(known -> known.code(code)), findings);
        String ends = findings.oneOf("recipe.tailBiting", asked.tailBiting(), CATALOGUE.tailBiting());
        List<String> roundings = method.map(Method::roundings).orElse(List.of(MethodCatalogue.LDLQ));
        String rounding = findings.oneOf("recipe.rounding", asked.rounding(), roundings);
        String transform = findings.oneOf("recipe.transform", asked.transform(), CATALOGUE.transforms());
        boolean feedback = rounding.equals(MethodCatalogue.LDLQ);
        int passes = findings.between(
                "recipe.passes",
                asked.passes(),
                feedback ? method.map(Method::passes).orElse(0) : 0,
                0,
                feedback ? CATALOGUE.mostPasses() : 0);
        long seed = asked.seed() == null ? 0 : asked.seed();
        TuningRecipe tuning = TuningCheck.check(asked.tuning(), findings);
        findings.demand(
                tuning == null || calibration.samples() != 1,
                "recipe.calibration.samples",
                calibration.samples(),
                "at least 2 with tuning, which keeps some of them to decide");
        return new JobRequest.Recipe(
                name,
                code,
                bits,
                ends,
                rounding,
                transform,
                passes,
                seed,
                tuning,
                calibration,
                OverrideCheck.check(asked.overrides(), code, findings));
    }

    /** Of a method that nobody knows no code can be wrong. */
    private static String code(@Nullable String asked, Optional<Method> method, Findings findings) {
        if (method.isEmpty()) {
            return asked == null ? "" : asked;
        }
        List<String> codes = method.get().codes().stream().map(Code::name).toList();
        return findings.oneOf("recipe.code", asked, codes);
    }

    private static int bits(@Nullable Integer asked, Optional<Code> code, Findings findings) {
        List<Integer> possible = code.map(Code::bits).orElse(ANY_BITS);
        findings.demand(asked != null && possible.contains(asked), "recipe.bits", asked, choice(possible));
        return asked == null ? 0 : asked;
    }

    static String choice(List<Integer> possible) {
        String first = possible.subList(0, possible.size() - 1).stream()
                .map(String::valueOf)
                .collect(Collectors.joining(", "));
        return first.isEmpty() ? possible.getLast().toString() : first + " or " + possible.getLast();
    }
}
