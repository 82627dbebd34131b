package dev.quipforge.inference.openai;

import org.jspecify.annotations.Nullable;

/** A request that cannot be answered as it is. */
final class InvalidRequestException extends RuntimeException {

    private final @Nullable String field;

    InvalidRequestException(@Nullable String field, String problem) {
        super(field == null ? problem : field + ": " + problem);
        this.field = field;
    }

    /** The field at fault. */
    @Nullable
    String field() {
        return field;
    }
}
