package dev.quipforge.helm;

import static java.util.stream.Collectors.toMap;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * What the chart renders, parsed strictly: a field that Kubernetes does not know is an error, wherever it stands.
 *
 * @param objects the objects, in the order of the text
 */
record Manifests(List<HasMetadata> objects) {

    /** Renders the chart as release {@code demo} with the given values on top of its own. */
    static Manifests rendered(Map<String, ?> values) {
        TemplateCommand template = new Helm(Repository.path("helm/quipforge")).template();
        template.withName("demo").withNamespace("quantization").withKubeVersion("1.31.0");
        values.forEach(template::set);
        return parsed(template.call());
    }

    /** Parses documents of YAML. */
    static Manifests parsed(String yaml) {
        KubernetesSerialization serialization = new KubernetesSerialization();
        List<HasMetadata> objects = Arrays.stream(yaml.split("(?m)^---\\s*$"))
                .filter(document -> document.lines().anyMatch(line -> !line.isBlank() && !line.startsWith("#")))
                .map(document -> (HasMetadata) serialization.unmarshal(document))
                .toList();
        List<String> unknown = new ArrayList<>();
        for (HasMetadata object : objects) {
            collectUnknown(object.getKind() + "/" + object.getMetadata().getName(), object, unknown);
        }
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("unknown fields: " + unknown);
        }
        return new Manifests(objects);
    }

    /** All objects of a kind by name; the names of a kind are distinct. */
    <T extends HasMetadata> Map<String, T> ofKind(Class<T> kind) {
        return objects.stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .collect(toMap(object -> object.getMetadata().getName(), object -> object));
    }

    /** The object of a kind with this name, which must be there. */
    <T extends HasMetadata> T named(Class<T> kind, String name) {
        T object = ofKind(kind).get(name);
        if (object == null) {
            throw new IllegalStateException(kind.getSimpleName() + " " + name + " (expected one of: "
                    + ofKind(kind).keySet() + ")");
        }
        return object;
    }

    private static void collectUnknown(String place, Object value, List<String> unknown) {
        switch (value) {
            case Collection<?> elements -> elements.forEach(element -> collectUnknown(place + "[]", element, unknown));
            case Map<?, ?> entries ->
                entries.forEach((key, entry) -> collectUnknown(place + "." + key, entry, unknown));
            default -> collectUnknownFields(place, value, unknown);
        }
    }

    private static void collectUnknownFields(String place, Object value, List<String> unknown) {
        if (!value.getClass().getPackageName().startsWith("io.fabric8")) {
            return;
        }
        for (Method getter : value.getClass().getMethods()) {
            if (!getter.getName().startsWith("get") || getter.getParameterCount() > 0) {
                continue;
            }
            Object property = read(getter, value);
            if (getter.getName().equals("getAdditionalProperties")) {
                ((Map<?, ?>) property).keySet().forEach(key -> unknown.add(place + "." + key));
            } else if (property != null && !(property instanceof Class<?>)) {
                collectUnknown(place + "." + getter.getName().substring(3), property, unknown);
            }
        }
    }

    private static Object read(Method getter, Object value) {
        try {
            return getter.invoke(value);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(getter.toString(), e);
        }
    }
}
