package dev.quipforge.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.type.filter.AnnotationTypeFilter;

/** {@code gateway.yml} names every setting, and the environment variables it names are the right ones. */
class SettingsTest {

    private static final Pattern LINE = Pattern.compile("( *)([a-z-]+):([^#]*)(?:# ([A-Z_]+).*)?");

    @Test
    void everySettingIsInTheFileWithItsVariable() throws Exception {
        Map<String, String> variables = variables();
        ClassPathScanningCandidateComponentProvider scanner = new ClassPathScanningCandidateComponentProvider(false);
        scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
        TreeSet<String> settings = new TreeSet<>();
        for (var candidate : scanner.findCandidateComponents("dev.quipforge.gateway")) {
            Class<?> type = Class.forName(candidate.getBeanClassName());
            String prefix = type.getAnnotation(ConfigurationProperties.class).value();
            for (var component : type.getRecordComponents()) {
                String kebab = component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
                settings.add(prefix + "." + kebab);
            }
        }

        assertThat(settings).hasSize(18);
        assertThat(variables.keySet()).containsAll(settings);
    }

    @Test
    void everyVariableSetsTheSettingItIsNamedBeside() throws Exception {
        variables().forEach((setting, variable) -> {
            StandardEnvironment environment = new StandardEnvironment();
            environment
                    .getPropertySources()
                    .addFirst(
                            new SystemEnvironmentPropertySource(
                                    StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME + "-test",
                                    Map.of(variable, "as set")) {});
            ConfigurationPropertySources.attach(environment);
            assertThat(Binder.get(environment).bind(setting, String.class).orElse("unset by " + variable))
                    .as(setting)
                    .isEqualTo("as set");
        });
    }

    @Test
    void aSettingOutOfItsLimitsStopsTheGatewayAtTheStart() {
        assertThatExceptionOfType(Exception.class)
                .isThrownBy(() -> TestPlatform.shared().startGateway("quipforge.saga.max-attempts=0"))
                .havingRootCause()
                .withMessageContaining("maxAttempts");
    }

    /** Variables by setting, as the file pairs them. */
    private static Map<String, String> variables() throws IOException {
        Map<String, String> variables = new LinkedHashMap<>();
        Deque<String> path = new ArrayDeque<>();
        try (InputStream file = GatewayConfiguration.class.getResourceAsStream("/gateway.yml")) {
            String text = new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
            for (String line : text.lines().toList()) {
                Matcher matcher = LINE.matcher(line);
                if (matcher.matches()) {
                    while (path.size() > matcher.group(1).length() / 2) {
                        path.removeLast();
                    }
                    path.addLast(matcher.group(2));
                    if (matcher.group(4) != null) {
                        variables.put(path.stream().collect(Collectors.joining(".")), matcher.group(4));
                    }
                }
            }
        }
        return variables;
    }
}
