package dev.quipforge.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Holds a record of settings to its properties: none is forgotten, each is bound. */
public final class SettingsAssert {

    private static final Pattern INNER_CAPITAL = Pattern.compile("(?<=[a-z])(?=[A-Z])");

    private SettingsAssert() {}

    /** The settings that these properties, named without their prefix, stand for; what is missing has its default. */
    public static <S> S bind(Class<S> type, Map<String, String> values) {
        String prefix = type.getAnnotation(ConfigurationProperties.class).value();
        MapConfigurationPropertySource source = new MapConfigurationPropertySource();
        values.forEach((name, value) -> source.put(prefix + "." + name, value));
        ConfigurationPropertySource only = source;
        return new Binder(only).bindOrCreate(prefix, type);
    }

    /** Every component of the record is set by one of the properties, and together they give the expected settings. */
    public static <S extends Record> void assertMapped(Map<String, String> values, S expected) {
        @SuppressWarnings("unchecked")
        Class<S> type = (Class<S>) expected.getClass();
        for (var component : type.getRecordComponents()) {
            String name =
                    INNER_CAPITAL.matcher(component.getName()).replaceAll("-").toLowerCase(Locale.ROOT);
            assertThat(values).as(type.getSimpleName()).containsKey(name);
        }
        assertThat(values).hasSameSizeAs(type.getRecordComponents());
        assertThat(bind(type, values)).isEqualTo(expected);
    }
}
