package dev.quipforge.finetune;

import dev.quipforge.contracts.Failure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.compute.ComputeProperties;
import dev.quipforge.kit.compute.Devices;
import dev.quipforge.kit.task.FailureTranslator;
import dev.quipforge.kit.task.TaskResults;
import dev.quipforge.kit.task.Workers;
import dev.quipforge.llm.InvalidModelException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** All of the finetune service; what a process that runs it imports. Its settings are in {@code finetune-service.yml}. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties(TuningProperties.class)
public class FinetuneConfiguration {

    @Bean
    Devices<ComputeBackend> devices(ComputeProperties properties) {
        return Devices.open(properties, ComputeBackends::expand, ComputeBackends::named);
    }

    @Bean
    Checkpoints checkpoints(ArtifactStore store, TuningProperties properties) {
        return new Checkpoints(store, properties.checkpointInterval(), Clock.systemUTC());
    }

    @Bean
    Workers workers(
            Devices<ComputeBackend> devices,
            ArtifactStore store,
            ArtifactCache cache,
            TaskResults results,
            Checkpoints checkpoints) {
        return Workers.on(
                devices,
                backend -> List.of(
                        new TuneBlockHandler(backend, store, cache, results, checkpoints),
                        new TuneModelHandler(backend, store, cache, results, checkpoints)));
    }

    @Bean
    FailureTranslator invalidModels() {
        return thrown -> thrown instanceof InvalidModelException e
                ? Optional.of(new Failure(Failure.Code.INVALID_INPUT, e.place(), String.valueOf(e.getMessage())))
                : Optional.empty();
    }
}
