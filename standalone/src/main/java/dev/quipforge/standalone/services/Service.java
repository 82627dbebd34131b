package dev.quipforge.standalone.services;

import dev.quipforge.calibration.CalibrationConfiguration;
import dev.quipforge.finetune.FinetuneConfiguration;
import dev.quipforge.gateway.GatewayConfiguration;
import dev.quipforge.inference.InferenceConfiguration;
import dev.quipforge.quantizer.QuantizerConfiguration;
import java.util.Locale;

/** The services, each with what a process that runs only this service imports, and the settings file of that process. */
enum Service {
    GATEWAY(GatewayConfiguration.class, "gateway.yml"),
    CALIBRATION(CalibrationConfiguration.class, "calibration-service.yml"),
    QUANTIZER(QuantizerConfiguration.class, "quantizer-service.yml"),
    FINETUNE(FinetuneConfiguration.class, "finetune-service.yml"),
    INFERENCE(InferenceConfiguration.class, "inference-service.yml");

    private final Class<?> configuration;
    private final String settings;

    Service(Class<?> configuration, String settings) {
        this.configuration = configuration;
        this.settings = settings;
    }

    Class<?> configuration() {
        return configuration;
    }

    String settings() {
        return settings;
    }

    /** Its name. */
    String title() {
        return name().toLowerCase(Locale.ROOT);
    }
}
