package dev.quipforge.inference;

import dev.quipforge.contracts.Failure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.inference.openai.OpenAiConfiguration;
import dev.quipforge.inference.serving.ServingConfiguration;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.compute.ComputeProperties;
import dev.quipforge.kit.compute.Devices;
import dev.quipforge.kit.task.FailureTranslator;
import dev.quipforge.kit.task.TaskResults;
import dev.quipforge.kit.task.Workers;
import dev.quipforge.llm.InvalidModelException;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** All of the inference service; what a process that runs it imports. Its settings are in {@code inference-service.yml}. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({ServingConfiguration.class, OpenAiConfiguration.class})
public class InferenceConfiguration {

    @Bean
    Devices<ComputeBackend> devices(ComputeProperties properties) {
        return Devices.open(properties, ComputeBackends::expand, ComputeBackends::named);
    }

    @Bean
    Workers workers(Devices<ComputeBackend> devices, ArtifactStore store, ArtifactCache cache, TaskResults results) {
        return Workers.on(devices, backend -> List.of(new EvaluateModelHandler(backend, store, cache, results)));
    }

    @Bean
    FailureTranslator invalidModels() {
        return thrown -> thrown instanceof InvalidModelException e
                ? Optional.of(new Failure(Failure.Code.INVALID_INPUT, e.place(), String.valueOf(e.getMessage())))
                : Optional.empty();
    }
}
