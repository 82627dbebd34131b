package dev.quipforge.helm;

import static java.util.stream.Collectors.toSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The settings that exist: what Spring Boot's and our own modules describe in their configuration metadata. */
record Settings(Map<String, Setting> byName) {

    /**
     * One setting.
     *
     * @param name such as {@code quipforge.artifacts.bucket}
     * @param type its Java type
     * @param description from the Javadoc
     * @param defaultValue as text; null for none
     */
    record Setting(
            String name,
            String type,
            String description,
            @Nullable String defaultValue) {

        /** The environment variable that sets it, in its readable form, as our settings files name it. */
        String variable() {
            return name.replace('-', '_').replace('.', '_').toUpperCase(Locale.ROOT);
        }

        /** All that set it: Spring Boot binds a name with its dashes left out as well. */
        Stream<String> variables() {
            return Stream.of(variable(), name.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT));
        }
    }

    /** All settings described on the class path of the tests, which has every service. */
    static Settings read() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        Map<String, Setting> settings = new TreeMap<>();
        String place = "META-INF/spring-configuration-metadata.json";
        List<URL> files = Collections.list(Settings.class.getClassLoader().getResources(place));
        for (URL file : files) {
            try (InputStream content = file.openStream()) {
                for (JsonNode property : mapper.readTree(content).path("properties")) {
                    if (property.has("deprecation")) {
                        continue;
                    }
                    settings.putIfAbsent(property.path("name").asText(), setting(property));
                }
            }
        }
        return new Settings(settings);
    }

    /** The environment variables that set something. */
    Set<String> variables() {
        return byName.values().stream().flatMap(Setting::variables).collect(toSet());
    }

    /** Our own, sorted by name. */
    List<Setting> ours() {
        return byName.values().stream()
                .filter(setting -> setting.name().startsWith("quipforge."))
                .toList();
    }

    private static Setting setting(JsonNode property) {
        return new Setting(
                property.path("name").asText(),
                property.path("type").asText(),
                property.path("description").asText(),
                property.has("defaultValue") ? text(property.path("defaultValue")) : null);
    }

    private static String text(JsonNode value) {
        if (!value.isArray()) {
            return value.asText();
        }
        List<String> elements = new ArrayList<>();
        value.forEach(element -> elements.add(element.asText()));
        return String.join(",", elements);
    }
}
