package dev.quipforge.calibration;

import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.ImportModel;
import dev.quipforge.contracts.JoinWindows;
import dev.quipforge.contracts.ReduceHessians;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.compute.ComputeProperties;
import dev.quipforge.kit.compute.Devices;
import dev.quipforge.kit.task.FailureTranslator;
import dev.quipforge.kit.task.TaskHandler;
import dev.quipforge.kit.task.TaskResults;
import dev.quipforge.kit.task.Workers;
import dev.quipforge.llm.InvalidModelException;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** All of the calibration service; what a process that runs it imports. Its settings are in {@code calibration-service.yml}. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties(IntakeProperties.class)
public class CalibrationConfiguration {

    @Bean
    Devices<ComputeBackend> devices(ComputeProperties properties) {
        return Devices.open(properties, ComputeBackends::expand, ComputeBackends::named);
    }

    @Bean
    Workers workers(Devices<ComputeBackend> devices, ArtifactStore store, ArtifactCache cache, TaskResults results) {
        return Workers.on(
                devices,
                backend -> List.of(
                        new GenerateWindowsHandler(backend, store, cache, results),
                        new CalibrateShardHandler(backend, store, cache, results),
                        new CaptureActivationsHandler(backend, store, cache, results)));
    }

    @Bean
    TaskHandler<ImportModel> importModelHandler(IntakeProperties properties, ArtifactStore store, ArtifactCache cache) {
        return new ImportModelHandler(new AllowedRoots(properties.allowedRoots()), store, cache);
    }

    @Bean
    TaskHandler<JoinWindows> joinWindowsHandler(ArtifactStore store, ArtifactCache cache, TaskResults results) {
        return new JoinWindowsHandler(store, cache, results);
    }

    @Bean
    TaskHandler<ReduceHessians> reduceHessiansHandler(ArtifactStore store, ArtifactCache cache, TaskResults results) {
        return new ReduceHessiansHandler(store, cache, results);
    }

    @Bean
    FailureTranslator invalidModels() {
        return thrown -> thrown instanceof InvalidModelException e
                ? Optional.of(new Failure(Failure.Code.INVALID_INPUT, e.place(), String.valueOf(e.getMessage())))
                : Optional.empty();
    }
}
