package dev.quipforge.gateway.request;

import java.util.List;
import java.util.stream.Collectors;

/** A request with something wrong in it; nothing was done. */
public final class InvalidRequestException extends RuntimeException {

    private final List<FieldError> errors;

    /** All that is wrong, at least one error. */
    public InvalidRequestException(List<FieldError> errors) {
        super(errors.stream().map(FieldError::message).collect(Collectors.joining("; ")));
        this.errors = List.copyOf(errors);
    }

    /** One error. */
    public InvalidRequestException(FieldError error) {
        this(List.of(error));
    }

    /** All that is wrong, in the order of the fields. */
    public List<FieldError> errors() {
        return errors;
    }
}
