package dev.quipforge.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/** The compose file, the Dockerfiles and the chart agree with each other and with the settings that exist. */
class ContainersTest {

    private static final Set<String> SERVICES = Set.of("gateway", "calibration", "quantizer", "finetune", "inference");
    private static final Pattern VARIABLE = Pattern.compile("(?m)^ENV ([A-Z_]+)=");

    @Test
    void everyVariableOfComposeIsASettingThatExists() throws IOException {
        for (String service : SERVICES) {
            Set<String> variables = mapping(composed(service), "environment").keySet();
            assertThat(variables).isNotEmpty();
            assertThat(unknown(variables))
                    .as("environment of %s in docker-compose.yml", service)
                    .isEmpty();
        }
    }

    @Test
    void everyVariableOfTheChartIsASettingThatExists() throws IOException {
        Manifests chart = Manifests.rendered(Map.of());
        Set<String> variables = new TreeSet<>();
        chart.ofKind(ConfigMap.class)
                .values()
                .forEach(map -> variables.addAll(map.getData().keySet()));
        chart.ofKind(Deployment.class).values().stream()
                .flatMap(deployment -> deployment.getSpec().getTemplate().getSpec().getContainers().stream())
                .flatMap(container -> container.getEnv().stream())
                .map(EnvVar::getName)
                .forEach(variables::add);

        assertThat(variables).contains("QUIPFORGE_ARTIFACTS_SECRET_KEY", "SPRING_DATASOURCE_PASSWORD");
        assertThat(unknown(variables)).isEmpty();
    }

    @Test
    void theChartSetsWhatComposeSets() {
        Manifests chart = Manifests.rendered(Map.of());
        for (String service : SERVICES) {
            Deployment deployment = chart.named(Deployment.class, "demo-quipforge-" + service);
            var container =
                    deployment.getSpec().getTemplate().getSpec().getContainers().getFirst();
            Set<String> variables = new TreeSet<>();
            container.getEnv().forEach(variable -> variables.add(variable.getName()));
            container
                    .getEnvFrom()
                    .forEach(source -> variables.addAll(chart.named(
                                    ConfigMap.class, source.getConfigMapRef().getName())
                            .getData()
                            .keySet()));

            assertThat(variables)
                    .as(service)
                    .containsAll(mapping(composed(service), "environment").keySet());
        }
    }

    @Test
    void everyServiceWaitsForTheHealthOfWhatItNeeds() {
        for (String service : SERVICES) {
            Map<String, Object> needed = mapping(composed(service), "depends_on");
            assertThat(needed).as(service).containsKeys("kafka", "minio");
            needed.forEach((name, condition) -> {
                assertThat(condition).as("%s of %s", name, service).isEqualTo(Map.of("condition", "service_healthy"));
                assertThat(composed(name)).as(name).containsKey("healthcheck");
            });
        }
        assertThat(mapping(composed("gateway"), "depends_on")).containsKey("postgres");
    }

    @Test
    void modelsAreMountedReadOnlyWhereTheAllowedRootsPoint() {
        Object roots = mapping(composed("calibration"), "environment").get("QUIPFORGE_ALLOWED_ROOTS");

        assertThat(composed("calibration").get("volumes"))
                .isEqualTo(List.of("${QUIPFORGE_MODELS:-./demo}:" + roots + ":ro"));
        assertThat(Repository.path("demo/model/config.json")).exists();
    }

    @ParameterizedTest
    @CsvSource({
        "gateway, gateway",
        "calibration, calibration-service",
        "quantizer, quantizer-service",
        "finetune, finetune-service",
        "inference, inference-service"
    })
    void everyServiceIsBuiltFromTheRunnableJarOfItsModule(String service, String module) throws IOException {
        assertThat(composed(service).get("build"))
                .isEqualTo(Map.of("context", ".", "dockerfile", module + "/Dockerfile"));
        assertThat(composed(service)).containsEntry("image", "quipforge/" + service + ":local");

        String dockerfile = Repository.text(module + "/Dockerfile");
        String pom = Repository.text(module + "/pom.xml");
        assertThat(dockerfile).contains("COPY " + module + "/target/quipforge-" + module + "-*-exec.jar ");
        assertThat(pom).contains("<artifactId>quipforge-" + module + "</artifactId>", "<goal>repackage</goal>");
        assertThat(dockerfile).contains("\nUSER 10001:10001\n", "\nHEALTHCHECK ");
        assertThat(dockerfile).contains("\"--add-modules\", \"jdk.incubator.vector\"");
        assertThat(variables(dockerfile)).contains("SERVER_PORT");
        assertThat(unknown(variables(dockerfile))).isEmpty();
    }

    @Test
    void noDockerfileIsForgotten() throws IOException {
        try (var modules = Files.list(Repository.ROOT)) {
            List<String> built = modules.map(module -> module.resolve("Dockerfile"))
                    .filter(Files::exists)
                    .map(Path::getParent)
                    .map(module -> module.getFileName().toString().replace("-service", ""))
                    .toList();
            assertThat(built).containsExactlyInAnyOrderElementsOf(SERVICES);
        }
    }

    private static Set<String> unknown(Collection<String> variables) throws IOException {
        Set<String> unknown = new TreeSet<>(variables);
        unknown.removeAll(Settings.read().variables());
        return unknown;
    }

    private static List<String> variables(String dockerfile) {
        return VARIABLE.matcher(dockerfile)
                .results()
                .map(MatchResult::group)
                .map(ContainersTest::name)
                .toList();
    }

    private static String name(String assignment) {
        return assignment.substring("ENV ".length(), assignment.length() - 1);
    }

    private static Map<String, Object> composed(String service) {
        Map<String, Object> file = new Yaml().load(Repository.text("docker-compose.yml"));
        return mapping(mapping(file, "services"), service);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> mapping(Map<String, Object> parent, String key) {
        return (Map<String, Object>)
                Objects.requireNonNull(parent.get(key), () -> key + " (expected in " + parent + ")");
    }
}
