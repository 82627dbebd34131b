package dev.quipforge.quantizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quipforge.contracts.QuantizationRecipe;
import dev.quipforge.contracts.QuantizeGroup;
import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent.TaskSucceeded;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.kit.artifact.ArtifactProperties;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.artifact.S3ArtifactStore;
import dev.quipforge.kit.task.ServiceUnderTest;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.config.QuantizationCode;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.quantization.GroupQuantizer;
import dev.quipforge.llm.quantization.QuantizedGroup;
import dev.quipforge.llm.testing.TestModels;
import dev.quipforge.llm.weights.Overlay;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The service with more than one device in {@code quipforge.compute.backend}. */
class SeveralDevicesTest {

    private static final QuantizationRecipe RECIPE =
            new QuantizationRecipe("qtip", "3inst", 2, "seam", "ldlq", "hadamard", 0, 42);

    @TempDir
    Path folder;

    @Test
    void groupsAreQuantizedTwoAtATimeToTheSameBytes() throws IOException {
        Path original = TestModels.tiny(folder.resolve("tiny"), 1);
        try (ComputeBackend backend = ComputeBackends.named("vector");
                ModelDirectory model = ModelDirectory.open(original);
                ServiceUnderTest service = new ServiceUnderTest(
                        InPairs.class, "quantizer-service", folder, "quipforge.compute.backend=vector,vector")) {
            Path hessians = TinyCalibration.hessians(backend, original, folder);
            service.store().putDirectory("models/tiny", original);
            service.store().putDirectory("calibration/tiny", hessians);
            Map<LinearGroup, TaskCommand> tasks = new LinkedHashMap<>();
            model.linearGroups()
                    .forEach(group -> tasks.put(group, service.bench().send(task(group))));

            assertThat(tasks).hasSize(8);
            assertThat(tasks.values())
                    .extracting(task ->
                            service.bench().await(task, TaskSucceeded.class).worker())
                    .contains("quantizer-service/vector", "quantizer-service/vector#2");
            HealthEndpoint health = service.context().getBean(HealthEndpoint.class);
            assertThat(health.healthForPath("worker", "vector#2"))
                    .extracting(HealthDescriptor::getStatus)
                    .isEqualTo(Status.UP);
            for (LinearGroup group : tasks.keySet()) {
                Path stored = folder.resolve("stored.safetensors");
                service.store().download(task(group).output(), stored);
                requireSameBytes(stored, quantized(backend, model, group, hessians));
            }
        }
    }

    @Test
    void aDeviceThatDoesNotExistIsRefusedWithItsSetting() {
        assertThatThrownBy(() -> new SpringApplicationBuilder(QuantizerConfiguration.class)
                        .run(
                                "--spring.config.name=quantizer-service",
                                "--spring.main.banner-mode=off",
                                "--server.port=0",
                                "--quipforge.compute.backend=vector,abacus"))
                .rootCause()
                .isInstanceOf(InvalidConfigurationPropertyValueException.class)
                .hasMessageStartingWith("Property quipforge.compute.backend with value 'abacus' is invalid: "
                        + "backend abacus: there is none (expected one of: auto, ");
    }

    private static QuantizeGroup task(LinearGroup group) {
        String name = group.path() + ".safetensors";
        return new QuantizeGroup(
                "models/tiny",
                group.block(),
                group.key(),
                "calibration/tiny/" + name,
                null,
                RECIPE,
                "quantized/q/" + name);
    }

    private static QuantizedGroup quantized(
            ComputeBackend backend, ModelDirectory model, LinearGroup group, Path hessians) {
        Path hessian = hessians.resolve(group.path() + ".safetensors");
        QuantizationConfig settings = QuantizationConfig.of(QuantizationCode.THREE_INST, 2, RECIPE.seed());
        try (Overlay none = Overlay.open(List.of())) {
            return new GroupQuantizer(backend, settings).quantize(model, none, group, hessian, Progress.NONE);
        }
    }

    /** All bytes but those of the report, which says how many seconds it took. */
    private void requireSameBytes(Path stored, QuantizedGroup expected) throws IOException {
        Path one = folder.resolve("one.safetensors");
        Path other = folder.resolve("other.safetensors");
        new QuantizedGroup(expected.report(), QuantizedGroup.read(stored).tensors()).write(one);
        expected.write(other);
        assertThat(one).hasSameBinaryContentAs(other);
    }

    /** The service, whose tasks get their Hessians two at a time or not at all. */
    @Configuration(proxyBeanMethods = false)
    @Import(QuantizerConfiguration.class)
    static class InPairs {

        @Bean
        ArtifactStore store(ArtifactProperties properties) {
            ArtifactStore store = S3ArtifactStore.connect(properties);
            CyclicBarrier two = new CyclicBarrier(2);
            return (ArtifactStore) Proxy.newProxyInstance(
                    ArtifactStore.class.getClassLoader(),
                    new Class<?>[] {ArtifactStore.class},
                    (_, method, arguments) -> {
                        if (method.getName().equals("download")
                                && arguments[0].toString().startsWith("calibration/")) {
                            two.await(30, TimeUnit.SECONDS);
                        }
                        try {
                            return method.invoke(store, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }
    }
}
