package dev.quipforge.gateway.request;

import dev.quipforge.contracts.MethodCatalogue;
import dev.quipforge.contracts.MethodCatalogue.Code;
import dev.quipforge.contracts.MethodCatalogue.Method;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Checks what some groups have instead of what the recipe says for all; whether there are such groups, the import finds out. */
final class OverrideCheck {

    private static final MethodCatalogue CATALOGUE = MethodCatalogue.standard();
    private static final String FIELD = "recipe.overrides";

    private OverrideCheck() {}

    /**
     * The overrides with their defaults, null for none.
     *
     * @param standard the code of all other groups
     * @param findings receives what is wrong
     */
    static @Nullable Map<String, JobRequest.CodeChoice> check(
            @Nullable Map<String, JobSubmission.@Nullable CodeChoice> asked, String standard, Findings findings) {
        if (asked == null || asked.isEmpty()) {
            return null;
        }
        SortedMap<String, JobRequest.CodeChoice> choices = new TreeMap<>();
        asked.forEach((groups, choice) -> {
            findings.demand(
                    GroupNames.isReadable(groups), FIELD, groups, "paths or globs of groups, such as */mlp-down");
            choices.put(groups, choice(FIELD + "." + groups, choice, standard, findings));
        });
        return choices;
    }

    private static JobRequest.CodeChoice choice(
            String field, JobSubmission.@Nullable CodeChoice asked, String standard, Findings findings) {
        if (asked == null) {
            findings.missing(field, "an object with bits");
            return new JobRequest.CodeChoice(standard, 0);
        }
        String code = asked.code() == null ? standard : asked.code();
        Optional<Code> known = CATALOGUE.methodOf(code).flatMap(method -> method.code(code));
        findings.demand(known.isPresent() || asked.code() == null, field + ".code", code, "one of " + codes());
        Integer bits = asked.bits();
        List<Integer> possible = known.map(Code::bits).orElse(RecipeCheck.ANY_BITS);
        findings.demand(bits != null && possible.contains(bits), field + ".bits", bits, RecipeCheck.choice(possible));
        return new JobRequest.CodeChoice(code, bits == null ? 0 : bits);
    }

    private static List<String> codes() {
        return CATALOGUE.methods().stream()
                .map(Method::codes)
                .flatMap(List::stream)
                .map(Code::name)
                .toList();
    }
}
