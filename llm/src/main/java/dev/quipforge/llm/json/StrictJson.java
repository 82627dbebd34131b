package dev.quipforge.llm.json;

import dev.quipforge.llm.InvalidModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON from files that others wrote: one document, no duplicate names, nothing behind it, bounded in size and depth.
 * Whatever is wrong is an {@link InvalidModelException} that names the file.
 */
public final class StrictJson {

    /** No configuration, index or header is larger than this. */
    public static final long LARGEST = 100L << 20;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private StrictJson() {}

    /** The object that {@code file} holds; its absence is also an {@link InvalidModelException}. */
    public static JsonFields read(Path file) {
        String place = String.valueOf(file.getFileName());
        if (!Files.isRegularFile(file)) {
            throw new InvalidModelException(
                    place, "not found in " + file.toAbsolutePath().getParent());
        }
        try {
            long size = Files.size(file);
            if (size > LARGEST) {
                throw new InvalidModelException(place, size + " bytes (expected: at most " + LARGEST + ")");
            }
            return parse(Files.readAllBytes(file), place);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The object in {@code json}; {@code place} names where it comes from. */
    public static JsonFields parse(byte[] json, String place) {
        try {
            JsonNode root = MAPPER.readTree(json);
            if (root == null || !root.isObject()) {
                throw new InvalidModelException(place, "not a JSON object");
            }
            return new JsonFields(place, root.asObject());
        } catch (JacksonException e) {
            throw new InvalidModelException(place, "not valid JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** JSON text of plain maps, lists and values, in their own order; {@code indented} for files people read. */
    public static String write(Map<String, ?> value, boolean indented) {
        return indented
                ? MAPPER.writeValueAsString(value) + "\n"
                : MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value);
    }
}
