package dev.quipforge.gateway.request;

import org.jspecify.annotations.Nullable;

/**
 * One thing wrong with a request.
 *
 * @param field its path, such as {@code recipe.bits}
 * @param value what was there; null when nothing was
 * @param expected what would have been right
 */
public record FieldError(String field, @Nullable Object value, String expected) {

    /** For a person: {@code recipe.bits: 7 (expected: 2, 3 or 4)}. */
    public String message() {
        return "%s: %s (expected: %s)".formatted(field, value == null ? "missing" : value, expected);
    }
}
