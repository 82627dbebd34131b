package dev.quipforge.gateway.problem;

import dev.quipforge.gateway.request.FieldError;
import java.util.Collection;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.http.converter.HttpMessageNotReadableException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Says which field made a body unreadable. */
final class UnreadableBody {

    private static final Pattern QUOTED = Pattern.compile("value \\((\"[^\"]*\")\\)");

    private UnreadableBody() {}

    static FieldError error(HttpMessageNotReadableException exception) {
        return switch (exception.getCause()) {
            case UnrecognizedPropertyException unknown ->
                new FieldError(path(unknown), "unknown field", "one of " + sorted(unknown.getKnownPropertyIds()));
            case InvalidFormatException format ->
                new FieldError(path(format), format.getValue(), article(format.getTargetType()));
            case MismatchedInputException mismatch ->
                new FieldError(path(mismatch), found(mismatch), article(mismatch.getTargetType()));
            case JacksonException syntax -> new FieldError("body", syntax.getOriginalMessage(), "JSON" + at(syntax));
            case null, default -> new FieldError("body", null, "a JSON object");
        };
    }

    /** Jackson tells the value of a refused scalar in its message only. */
    private static String found(MismatchedInputException mismatch) {
        Matcher quoted = QUOTED.matcher(mismatch.getOriginalMessage());
        return quoted.find() ? quoted.group(1) : "another type";
    }

    private static String path(JacksonException exception) {
        String path = exception.getPath().stream()
                .map(step -> step.getPropertyName() == null ? "[" + step.getIndex() + "]" : step.getPropertyName())
                .collect(Collectors.joining("."));
        return path.isEmpty() ? "body" : path;
    }

    private static String at(JacksonException exception) {
        TokenStreamLocation location = exception.getLocation();
        return location == null
                ? ""
                : ", see line %d column %d".formatted(location.getLineNr(), location.getColumnNr());
    }

    private static String sorted(Collection<Object> names) {
        return names.stream()
                .map(String::valueOf)
                .collect(Collectors.toCollection(TreeSet::new))
                .toString();
    }

    private static String article(Class<?> type) {
        if (type == Integer.class || type == Long.class) {
            return "a whole number";
        }
        return type == String.class ? "a string" : "an object";
    }
}
