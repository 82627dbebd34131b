package dev.quipforge.inference;

import org.springframework.boot.builder.SpringApplicationBuilder;

/** The inference service as a process of its own. */
public final class InferenceApplication {

    private InferenceApplication() {}

    /** Starts the service. */
    public static void main(String[] arguments) {
        new SpringApplicationBuilder(InferenceConfiguration.class)
                .properties("spring.config.name=inference-service")
                .run(arguments);
    }
}
