package dev.quipforge.finetune;

import org.springframework.boot.builder.SpringApplicationBuilder;

/** The finetune service as a process of its own. */
public final class FinetuneApplication {

    private FinetuneApplication() {}

    /** Starts the service. */
    public static void main(String[] arguments) {
        new SpringApplicationBuilder(FinetuneConfiguration.class)
                .properties("spring.config.name=finetune-service")
                .run(arguments);
    }
}
