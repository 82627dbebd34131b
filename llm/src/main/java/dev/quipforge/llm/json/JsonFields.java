package dev.quipforge.llm.json;

import dev.quipforge.llm.InvalidModelException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The fields of a JSON object, each read with what it must be; a field that is not is named with its value. */
public final class JsonFields {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final String place;
    private final ObjectNode object;

    JsonFields(String place, ObjectNode object) {
        this.place = place;
        this.object = object;
    }

    /** The names of the fields, in the order of the document. */
    public Collection<String> names() {
        return object.propertyNames();
    }

    /** Whether the field is there and not null. */
    public boolean has(String name) {
        return object.hasNonNull(name);
    }

    /** The same object with a truth value in this field. */
    public JsonFields with(String name, boolean value) {
        return new JsonFields(place, object.deepCopy().put(name, value));
    }

    /** These fields and, where they are missing, others; a field that is null is there. */
    public JsonFields withDefaults(Map<String, ?> others) {
        ObjectNode merged = MAPPER.valueToTree(others);
        return new JsonFields(place, merged.setAll(object));
    }

    /** Everything as plain maps, lists and values, in the order of the document. */
    public Map<String, Object> asMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        object.propertyStream()
                .forEach(entry -> map.put(entry.getKey(), MAPPER.treeToValue(entry.getValue(), Object.class)));
        return map;
    }

    /** An integer of at least 1 and at most 2³¹ − 1. */
    public int positiveInt(String name) {
        JsonNode node = required(name);
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1) {
            throw wrong(name, "a positive integer");
        }
        return node.intValue();
    }

    /** As {@link #positiveInt(String)}; {@code absent} where the field is missing or null. */
    public int positiveInt(String name, int absent) {
        return has(name) ? positiveInt(name) : absent;
    }

    /** Any integer of 64 bits; {@code absent} where the field is missing or null. */
    public long integer(String name, long absent) {
        if (!has(name)) {
            return absent;
        }
        JsonNode node = required(name);
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw wrong(name, "an integer");
        }
        return node.longValue();
    }

    /** A finite number above zero. */
    public double positive(String name) {
        JsonNode node = required(name);
        double value = node.isNumber() ? node.asDouble() : Double.NaN;
        if (!(value > 0) || Double.isInfinite(value)) {
            throw wrong(name, "a positive number");
        }
        return value;
    }

    /** As {@link #positive(String)}; {@code absent} where the field is missing or null. */
    public double positive(String name, double absent) {
        return has(name) ? positive(name) : absent;
    }

    /** A finite number of at least 0. */
    public double number(String name) {
        JsonNode node = required(name);
        double value = node.isNumber() ? node.asDouble() : Double.NaN;
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw wrong(name, "a number of at least 0");
        }
        return value;
    }

    /** A truth value; {@code absent} where the field is missing or null. */
    public boolean flag(String name, boolean absent) {
        if (!has(name)) {
            return absent;
        }
        JsonNode node = required(name);
        if (!node.isBoolean()) {
            throw wrong(name, "true or false");
        }
        return node.booleanValue();
    }

    /** A text. */
    public String text(String name) {
        JsonNode node = required(name);
        if (!node.isString()) {
            throw wrong(name, "a text");
        }
        return node.stringValue();
    }

    /** As {@link #text(String)}; {@code absent} where the field is missing or null. */
    public String text(String name, String absent) {
        return has(name) ? text(name) : absent;
    }

    /** Whether the field holds an object. */
    public boolean isObject(String name) {
        return has(name) && required(name).isObject();
    }

    /** The object in this field. */
    public JsonFields object(String name) {
        return optionalObject(name).orElseThrow(() -> missing(name));
    }

    /** The object in this field; empty where the field is missing or null. */
    public Optional<JsonFields> optionalObject(String name) {
        if (!has(name)) {
            return Optional.empty();
        }
        if (!required(name).isObject()) {
            throw wrong(name, "an object");
        }
        return Optional.of(new JsonFields(place + ": " + name, required(name).asObject()));
    }

    /** The objects of the array in this field; an absent field is an empty list. */
    public List<JsonFields> objects(String name) {
        List<JsonFields> objects = new ArrayList<>();
        for (JsonNode element : array(name)) {
            if (!element.isObject()) {
                throw wrong(name, "an array of objects");
            }
            objects.add(new JsonFields(place + ": " + name, element.asObject()));
        }
        return objects;
    }

    /** The texts of the array in this field; an absent field is an empty list. */
    public List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (JsonNode element : array(name)) {
            if (!element.isString()) {
                throw wrong(name, "an array of texts");
            }
            texts.add(element.stringValue());
        }
        return texts;
    }

    /** The integers of the array in this field, none negative; an absent field is an empty list, a number a list of one. */
    public List<Long> counts(String name) {
        if (has(name) && required(name).isIntegralNumber()) {
            return List.of(count(name, required(name)));
        }
        List<Long> counts = new ArrayList<>();
        for (JsonNode element : array(name)) {
            counts.add(count(name, element));
        }
        return counts;
    }

    /** The finite numbers of the array in this field, none negative; an absent field is an empty list. */
    public List<Double> numbers(String name) {
        List<Double> numbers = new ArrayList<>();
        for (JsonNode element : array(name)) {
            double value = element.isNumber() ? element.asDouble() : Double.NaN;
            if (!(value >= 0) || Double.isInfinite(value)) {
                throw wrong(name, "numbers of at least 0");
            }
            numbers.add(value);
        }
        return numbers;
    }

    /** The highest index in this field: the largest number of an object's values, or the last position of an array. */
    public long highestIndex(String name) {
        JsonNode node = required(name);
        if (node.isArray()) {
            return node.size() - 1L;
        }
        JsonFields indices = object(name);
        return indices.names().stream()
                .mapToLong(key -> indices.integer(key, -1))
                .max()
                .orElse(-1);
    }

    /** Where this object is, for messages. */
    public String place() {
        return place;
    }

    /** The failure that says that the field must be something else. */
    public InvalidModelException wrong(String name, String expectation) {
        return new InvalidModelException(place, name + ": " + shortened(name) + " (expected: " + expectation + ")");
    }

    private long count(String name, JsonNode element) {
        if (!element.isIntegralNumber() || !element.canConvertToLong() || element.longValue() < 0) {
            throw wrong(name, "integers of at least 0");
        }
        return element.longValue();
    }

    private Iterable<JsonNode> array(String name) {
        if (!has(name)) {
            return List.of();
        }
        JsonNode node = required(name);
        if (!node.isArray()) {
            throw wrong(name, "an array");
        }
        return node;
    }

    private JsonNode required(String name) {
        JsonNode node = object.get(name);
        if (node == null || node.isNull()) {
            throw missing(name);
        }
        return node;
    }

    private InvalidModelException missing(String name) {
        return new InvalidModelException(place, "field " + name + " is missing");
    }

    private String shortened(String name) {
        String text = String.valueOf(object.get(name));
        return text.length() <= 80 ? text : text.substring(0, 77) + "...";
    }
}
