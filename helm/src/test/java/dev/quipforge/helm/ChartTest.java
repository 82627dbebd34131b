package dev.quipforge.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChartTest {

    private static final String[] SERVICES = {"gateway", "calibration", "quantizer", "finetune", "inference"};
    private static final String[] DEPLOYMENTS = {
        "demo-quipforge-gateway",
        "demo-quipforge-calibration",
        "demo-quipforge-quantizer",
        "demo-quipforge-finetune",
        "demo-quipforge-inference"
    };

    @Test
    void theChartLints() {
        LintResult result =
                new Helm(Repository.path("helm/quipforge")).lint().strict().call();

        assertThat(result.isFailed()).as("messages: %s", result.getMessages()).isFalse();
        assertThat(result.getMessages()).noneMatch(message -> message.contains("[WARNING]"));
    }

    @Test
    void everyServiceHasADeploymentAndAService() {
        Manifests chart = Manifests.rendered(Map.of());

        assertThat(chart.ofKind(Deployment.class)).containsOnlyKeys(DEPLOYMENTS);
        assertThat(chart.ofKind(Service.class)).containsOnlyKeys(DEPLOYMENTS);
        assertThat(chart.ofKind(ServiceAccount.class)).containsOnlyKeys("demo-quipforge");
        assertThat(chart.ofKind(Ingress.class)).isEmpty();
    }

    @Test
    void servicesSelectThePodsOfTheirDeployment() {
        Manifests chart = Manifests.rendered(Map.of());

        chart.ofKind(Service.class).forEach((name, service) -> {
            Deployment deployment = chart.named(Deployment.class, name);
            Map<String, String> labels =
                    deployment.getSpec().getTemplate().getMetadata().getLabels();
            assertThat(labels).containsAllEntriesOf(service.getSpec().getSelector());
            assertThat(labels)
                    .containsAllEntriesOf(deployment.getSpec().getSelector().getMatchLabels());
            assertThat(service.getSpec().getSelector()).containsKey("app.kubernetes.io/component");
        });
    }

    @Test
    void podsRunWithoutRootOnAReadOnlyFileSystem() {
        Manifests.rendered(Map.of()).ofKind(Deployment.class).forEach((name, deployment) -> {
            PodSpec pod = deployment.getSpec().getTemplate().getSpec();
            Container container = pod.getContainers().getFirst();
            assertThat(pod.getSecurityContext().getRunAsNonRoot()).as(name).isTrue();
            assertThat(container.getSecurityContext().getReadOnlyRootFilesystem())
                    .isTrue();
            assertThat(container.getSecurityContext().getAllowPrivilegeEscalation())
                    .isFalse();
            assertThat(container.getSecurityContext().getCapabilities().getDrop())
                    .containsExactly("ALL");
            assertThat(container.getVolumeMounts())
                    .extracting(VolumeMount::getMountPath)
                    .contains("/tmp");
        });
    }

    @Test
    void theCacheOfAWorkerFitsItsVolume() {
        PodSpec pod = Manifests.rendered(Map.of("services.quantizer.cacheGigabytes", 100))
                .named(Deployment.class, "demo-quipforge-quantizer")
                .getSpec()
                .getTemplate()
                .getSpec();

        assertThat(pod.getContainers().getFirst().getEnv())
                .filteredOn(variable -> variable.getName().equals("QUIPFORGE_CACHE_SIZE"))
                .extracting(EnvVar::getValue)
                .containsExactly("100GB");
        assertThat(pod.getVolumes())
                .filteredOn(volume -> volume.getName().equals("cache"))
                .extracting(volume -> volume.getEmptyDir().getSizeLimit().toString())
                .containsExactly("108Gi");
    }

    @Test
    void everyMountHasItsVolume() {
        Manifests chart = Manifests.rendered(Map.of("models.existingClaim", "models"));

        chart.ofKind(Deployment.class).forEach((name, deployment) -> {
            PodSpec pod = deployment.getSpec().getTemplate().getSpec();
            assertThat(pod.getContainers().getFirst().getVolumeMounts())
                    .as(name)
                    .extracting(VolumeMount::getName)
                    .containsExactlyInAnyOrderElementsOf(
                            pod.getVolumes().stream().map(Volume::getName).toList());
        });
    }

    @Test
    void everyServiceIsProbedThroughItsActuator() {
        Manifests.rendered(Map.of()).ofKind(Deployment.class).forEach((name, deployment) -> {
            Container container = onlyContainer(deployment);
            assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/actuator/health/readiness");
            assertThat(container.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/actuator/health/liveness");
            assertThat(container.getStartupProbe().getHttpGet().getPort().getStrVal())
                    .isEqualTo(container.getPorts().getFirst().getName());
            assertThat(container.getResources().getRequests()).as(name).containsKeys("cpu", "memory");
            assertThat(container.getResources().getLimits()).containsKey("memory");
        });
    }

    @Test
    void onlyTheGatewayKnowsTheDatabase() {
        Manifests chart = Manifests.rendered(Map.of("postgres.existingSecret", "database"));

        assertThat(chart.named(ConfigMap.class, "demo-quipforge").getData()).doesNotContainKey("SPRING_DATASOURCE_URL");
        chart.ofKind(Deployment.class).forEach((name, deployment) -> {
            long secrets = onlyContainer(deployment).getEnv().stream()
                    .filter(variable -> readsSecret(variable, "database"))
                    .count();
            assertThat(secrets).as(name).isEqualTo(name.endsWith("-gateway") ? 2 : 0);
        });
    }

    @Test
    void thePlacesOfKafkaPostgresAndS3AreGivenByValues() {
        Manifests chart = Manifests.rendered(Map.of(
                "kafka.bootstrapServers", "broker.kafka:9093",
                "postgres.url", "jdbc:postgresql://db.example.com:5432/jobs",
                "s3.endpoint", "https://s3.example.com",
                "s3.bucket", "artifacts"));

        assertThat(chart.named(ConfigMap.class, "demo-quipforge-gateway").getData())
                .containsEntry("SPRING_DATASOURCE_URL", "jdbc:postgresql://db.example.com:5432/jobs");
        assertThat(chart.named(ConfigMap.class, "demo-quipforge").getData())
                .containsEntry("SPRING_KAFKA_BOOTSTRAP_SERVERS", "broker.kafka:9093")
                .containsEntry("QUIPFORGE_ARTIFACTS_ENDPOINT", "https://s3.example.com")
                .containsEntry("QUIPFORGE_ARTIFACTS_BUCKET", "artifacts");
    }

    @Test
    void theGatewayRoutesToTheInferenceServiceOfItsRelease() {
        Manifests chart = Manifests.rendered(Map.of());

        String uri =
                chart.named(ConfigMap.class, "demo-quipforge-gateway").getData().get("QUIPFORGE_INFERENCE_URI");
        assertThat(uri).isEqualTo("http://demo-quipforge-inference");
        assertThat(chart.named(Service.class, "demo-quipforge-inference")
                        .getSpec()
                        .getPorts()
                        .getFirst()
                        .getPort())
                .isEqualTo(80);
    }

    @Test
    void theIngressLeadsToTheGateway() {
        Manifests chart = Manifests.rendered(Map.of(
                "ingress.enabled", true,
                "ingress.className", "nginx",
                "ingress.host", "quant.example.com",
                "ingress.tlsSecret", "quant-tls"));

        Ingress ingress = chart.named(Ingress.class, "demo-quipforge");
        var backend = ingress.getSpec()
                .getRules()
                .getFirst()
                .getHttp()
                .getPaths()
                .getFirst()
                .getBackend()
                .getService();
        assertThat(chart.ofKind(Service.class)).containsKey(backend.getName());
        assertThat(backend.getName()).endsWith("-gateway");
        assertThat(ingress.getSpec().getTls().getFirst().getHosts()).containsExactly("quant.example.com");
    }

    @Test
    void aServiceWithSeveralPodsHasADisruptionBudget() {
        Manifests chart =
                Manifests.rendered(Map.of("services.quantizer.replicas", 5, "services.inference.replicas", 2));

        assertThat(chart.named(Deployment.class, "demo-quipforge-quantizer")
                        .getSpec()
                        .getReplicas())
                .isEqualTo(5);
        assertThat(chart.ofKind(PodDisruptionBudget.class))
                .containsOnlyKeys("demo-quipforge-quantizer", "demo-quipforge-inference");
    }

    @Test
    void thinOptionsCanBeTurnedOff() {
        Manifests chart = Manifests.rendered(Map.of(
                "networkPolicy.enabled", false,
                "podDisruptionBudget.enabled", false,
                "serviceAccount.create", false));

        assertThat(chart.ofKind(NetworkPolicy.class)).isEmpty();
        assertThat(chart.ofKind(PodDisruptionBudget.class)).isEmpty();
        assertThat(chart.ofKind(ServiceAccount.class)).isEmpty();
        assertThat(chart.ofKind(Deployment.class)).hasSize(SERVICES.length);
    }

    @Test
    void imagesAreNamedByRegistryRepositoryServiceAndTag() {
        Manifests chart = Manifests.rendered(Map.of("image.registry", "registry.example.com", "image.tag", "1.2.3"));

        for (String service : SERVICES) {
            Deployment deployment = chart.named(Deployment.class, "demo-quipforge-" + service);
            assertThat(onlyContainer(deployment).getImage())
                    .isEqualTo("registry.example.com/quipforge/" + service + ":1.2.3");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "services.quantizer.replica, 2, replica",
        "services.quantizer.replicas, -1, /services/quantizer/replicas",
        "services.quantizer.cacheGigabytes, 20G, /services/quantizer/cacheGigabytes",
        "services.quantizer.env.debug, x, debug",
        "services.trainer.replicas, 1, trainer",
        "kafka.bootstrapServers, kafka, /kafka/bootstrapServers",
        "postgres.url, postgresql://postgres/quipforge, /postgres/url",
        "s3.endpoint, minio:9000, /s3/endpoint",
        "s3.bucket, Quipforge, /s3/bucket",
        "image.pullPolicy, Sometimes, /image/pullPolicy",
        "ingress.enabled, maybe, /ingress/enabled"
    })
    void valuesAgainstTheSchemaAreRefused(String name, String value, String place) {
        assertThatThrownBy(() -> Manifests.rendered(Map.of(name, value)))
                .hasMessageContaining("values don't meet the specifications of the schema")
                .hasMessageContaining(place);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {portz: []}",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{imagePolicy: Always}]}}}"
            })
    void aFieldThatKubernetesDoesNotKnowIsFound(String yaml) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Manifests.parsed(yaml))
                .withMessageContaining("unknown fields");
    }

    private static Container onlyContainer(Deployment deployment) {
        assertThat(deployment.getSpec().getTemplate().getSpec().getContainers()).hasSize(1);
        return deployment.getSpec().getTemplate().getSpec().getContainers().getFirst();
    }

    private static boolean readsSecret(EnvVar variable, String secret) {
        return variable.getValueFrom() != null
                && variable.getValueFrom().getSecretKeyRef() != null
                && secret.equals(variable.getValueFrom().getSecretKeyRef().getName());
    }
}
