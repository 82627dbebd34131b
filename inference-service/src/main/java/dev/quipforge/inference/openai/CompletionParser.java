package dev.quipforge.inference.openai;

import dev.quipforge.llm.sampling.Sampling;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import tools.jackson.databind.JsonNode;

/** Reads completion requests. What is wrong or not supported is an {@link InvalidRequestException} that names the field. */
final class CompletionParser {

    private static final int DEFAULT_MAX_TOKENS = 16;
    private static final int MOST_STOPS = 4;

    /** Fields that are taken note of, and those that change nothing here. */
    private static final Set<String> KNOWN = Set.of(
            "model",
            "prompt",
            "max_tokens",
            "temperature",
            "top_p",
            "seed",
            "stop",
            "stream",
            "stream_options",
            "user",
            "metadata");

    /** Fields that are refused unless they ask for what is done anyway. */
    private static final Map<String, Set<String>> ONLY_AS = Map.of(
            "n", Set.of("1"),
            "best_of", Set.of("1"),
            "echo", Set.of("false"),
            "logprobs", Set.of("0"),
            "suffix", Set.of("\"\""),
            "presence_penalty", Set.of("0", "0.0"),
            "frequency_penalty", Set.of("0", "0.0"),
            "logit_bias", Set.of("{}"));

    private final int maxTokens;
    private final LongSupplier seeds;

    /**
     * @param maxTokens most tokens that may be asked for
     * @param seeds the seed of a request that names none
     */
    CompletionParser(int maxTokens, LongSupplier seeds) {
        this.maxTokens = maxTokens;
        this.seeds = seeds;
    }

    CompletionRequest parse(JsonNode body) {
        if (!body.isObject()) {
            throw new InvalidRequestException(null, "the body is no JSON object");
        }
        for (Map.Entry<String, JsonNode> property : body.properties()) {
            requireSupported(property.getKey(), property.getValue());
        }
        JsonNode options = body.path("stream_options");
        return new CompletionRequest(
                text(body, "model"),
                prompt(body.path("prompt")),
                sampling(body),
                flag(body, "stream"),
                options.isObject() && flag(options, "include_usage"));
    }

    private static void requireSupported(String name, JsonNode value) {
        if (KNOWN.contains(name) || value.isNull()) {
            return;
        }
        Set<String> allowed = ONLY_AS.get(name);
        if (allowed == null) {
            throw new InvalidRequestException(name, "unknown field");
        }
        if (!allowed.contains(value.toString())) {
            throw new InvalidRequestException(name, value + " is not supported (expected: one of " + allowed + ")");
        }
    }

    private Sampling sampling(JsonNode body) {
        long tokens = integer(body, "max_tokens", DEFAULT_MAX_TOKENS);
        if (tokens < 1 || tokens > maxTokens) {
            throw new InvalidRequestException("max_tokens", tokens + " (expected: 1 to " + maxTokens + ")");
        }
        double temperature = number(body, "temperature", 1);
        if (!(temperature >= 0 && temperature <= 2)) {
            throw new InvalidRequestException("temperature", temperature + " (expected: 0 to 2)");
        }
        double topP = number(body, "top_p", 1);
        if (!(topP > 0 && topP <= 1)) {
            throw new InvalidRequestException("top_p", topP + " (expected: above 0, at most 1)");
        }
        long seed = present(body, "seed") ? integer(body, "seed", 0) : seeds.getAsLong();
        return new Sampling((int) tokens, temperature, topP, seed, stops(body.path("stop")));
    }

    private static String prompt(JsonNode prompt) {
        JsonNode text = prompt.isArray() && prompt.size() == 1 ? prompt.get(0) : prompt;
        if (!text.isString()) {
            throw new InvalidRequestException("prompt", "not supported (expected: one text)");
        }
        return text.stringValue();
    }

    private static List<String> stops(JsonNode stop) {
        if (stop.isNull() || stop.isMissingNode()) {
            return List.of();
        }
        List<JsonNode> texts = stop.isArray() ? stop.valueStream().toList() : List.of(stop);
        if (texts.size() > MOST_STOPS || !texts.stream().allMatch(JsonNode::isString)) {
            throw new InvalidRequestException("stop", "not supported (expected: at most " + MOST_STOPS + " texts)");
        }
        return texts.stream().map(JsonNode::stringValue).toList();
    }

    private static String text(JsonNode body, String name) {
        JsonNode value = body.path(name);
        if (!value.isString() || value.stringValue().isBlank()) {
            throw new InvalidRequestException(name, "missing (expected: a text)");
        }
        return value.stringValue();
    }

    private static boolean flag(JsonNode body, String name) {
        if (present(body, name) && !body.path(name).isBoolean()) {
            throw new InvalidRequestException(name, body.path(name) + " (expected: true or false)");
        }
        return body.path(name).asBoolean(false);
    }

    private static long integer(JsonNode body, String name, long absent) {
        if (!present(body, name)) {
            return absent;
        }
        JsonNode value = body.path(name);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new InvalidRequestException(name, value + " (expected: a whole number)");
        }
        return value.longValue();
    }

    private static double number(JsonNode body, String name, double absent) {
        if (!present(body, name)) {
            return absent;
        }
        JsonNode value = body.path(name);
        if (!value.isNumber()) {
            throw new InvalidRequestException(name, value + " (expected: a number)");
        }
        return value.doubleValue();
    }

    private static boolean present(JsonNode body, String name) {
        return !body.path(name).isMissingNode() && !body.path(name).isNull();
    }
}
