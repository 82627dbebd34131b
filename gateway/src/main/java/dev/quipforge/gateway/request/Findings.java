package dev.quipforge.gateway.request;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong, so that one answer names all of it. */
final class Findings {

    private final List<FieldError> errors = new ArrayList<>();

    void demand(boolean right, String field, @Nullable Object value, String expected) {
        if (!right) {
            errors.add(new FieldError(field, value, expected));
        }
    }

    void missing(String field, String expected) {
        errors.add(new FieldError(field, null, expected));
    }

    /** The value, or the first of those allowed when there is none. */
    String oneOf(String field, @Nullable String value, List<String> allowed) {
        String chosen = value == null ? allowed.getFirst() : value;
        demand(allowed.contains(chosen), field, chosen, "one of " + allowed);
        return chosen;
    }

    /** The value, or the default when there is none. */
    int between(String field, @Nullable Integer value, int otherwise, int least, int most) {
        int chosen = value == null ? otherwise : value;
        demand(least <= chosen && chosen <= most, field, chosen, "%d to %d".formatted(least, most));
        return chosen;
    }

    void throwIfAny() {
        if (!errors.isEmpty()) {
            throw new InvalidRequestException(errors);
        }
    }
}
