package dev.quipforge.cli.client;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a server that refuses says, as one line. */
final class Refusal {

    private static final int LONGEST = 300;

    private Refusal() {}

    /**
     * The line for an answer: the fields at fault and what was expected of each, if it is an RFC 9457 problem that names them, else
     * its detail.
     */
    static String message(int status, URI uri, String body) {
        try {
            JsonNode problem = JsonMapper.shared().readTree(body);
            List<String> errors = new ArrayList<>();
            for (JsonNode error : problem.path("errors")) {
                errors.add(error.isString() ? error.stringValue() : field(error));
            }
            if (!errors.isEmpty()) {
                return String.join("; ", errors);
            }
            String detail = problem.path("detail").asString("");
            if (!detail.isEmpty()) {
                return detail;
            }
        } catch (JacksonException e) {
            String text = body.strip().replaceAll("\\s+", " ");
            return "HTTP " + status + " from " + uri + ": " + text.substring(0, Math.min(LONGEST, text.length()));
        }
        return "HTTP " + status + " from " + uri;
    }

    private static String field(JsonNode error) {
        String message = error.path("message").asString("");
        if (!message.isEmpty()) {
            return message;
        }
        String value =
                error.path("value").isMissingNode() || error.path("value").isNull()
                        ? "missing"
                        : error.path("value").isString()
                                ? error.path("value").asString()
                                : error.path("value").toString();
        return "%s: %s (expected: %s)"
                .formatted(
                        error.path("field").asString("request"),
                        value,
                        error.path("expected").asString("something else"));
    }
}
