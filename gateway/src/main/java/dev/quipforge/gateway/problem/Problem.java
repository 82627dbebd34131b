package dev.quipforge.gateway.problem;

import java.net.URI;
import java.util.Locale;
import org.springframework.http.HttpStatus;

/** Kinds of problems. The type URI of each names it; it need not be resolved. */
public enum Problem {
    /** A field, parameter or header is wrong. */
    INVALID_REQUEST(HttpStatus.BAD_REQUEST, "Invalid request"),
    /** There is no such thing. */
    NOT_FOUND(HttpStatus.NOT_FOUND, "Not found"),
    /** The thing is not in a state for this. */
    CONFLICT(HttpStatus.CONFLICT, "Conflict"),
    /** Another service cannot be reached. */
    UNAVAILABLE(HttpStatus.SERVICE_UNAVAILABLE, "Service unavailable");

    private final HttpStatus status;
    private final String title;

    Problem(HttpStatus status, String title) {
        this.status = status;
        this.title = title;
    }

    HttpStatus status() {
        return status;
    }

    String title() {
        return title;
    }

    /** Such as {@code urn:quipforge:problem:invalid-request}. */
    URI type() {
        return URI.create(
                "urn:quipforge:problem:" + name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
}
