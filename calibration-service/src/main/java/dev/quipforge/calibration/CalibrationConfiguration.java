package dev.quipforge.calibration;

import dev.quipforge.contracts.CalibrateShard;
import dev.quipforge.contracts.CaptureActivations;
import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.GenerateWindows;
import dev.quipforge.contracts.ImportModel;
import dev.quipforge.contracts.JoinWindows;
import dev.quipforge.contracts.ReduceHessians;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.compute.ComputeProperties;
import dev.quipforge.kit.task.FailureTranslator;
import dev.quipforge.kit.task.TaskHandler;
import dev.quipforge.kit.task.TaskResults;
import dev.quipforge.llm.InvalidModelException;
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
    ComputeBackend computeBackend(ComputeProperties properties) {
        return ComputeBackends.named(properties.backend());
    }

    @Bean
    TaskHandler<ImportModel> importModelHandler(IntakeProperties properties, ArtifactStore store, ArtifactCache cache) {
        return new ImportModelHandler(new AllowedRoots(properties.allowedRoots()), store, cache);
    }

    @Bean
    TaskHandler<GenerateWindows> generateWindowsHandler(
            ComputeBackend backend, ArtifactStore store, ArtifactCache cache, TaskResults results) {
        return new GenerateWindowsHandler(backend, store, cache, results);
    }

    @Bean
    TaskHandler<JoinWindows> joinWindowsHandler(ArtifactStore store, ArtifactCache cache, TaskResults results) {
        return new JoinWindowsHandler(store, cache, results);
    }

    @Bean
    TaskHandler<CalibrateShard> calibrateShardHandler(
            ComputeBackend backend, ArtifactStore store, ArtifactCache cache, TaskResults results) {
        return new CalibrateShardHandler(backend, store, cache, results);
    }

    @Bean
    TaskHandler<CaptureActivations> captureActivationsHandler(
            ComputeBackend backend, ArtifactStore store, ArtifactCache cache, TaskResults results) {
        return new CaptureActivationsHandler(backend, store, cache, results);
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
