package dev.quipforge.quantizer;

import org.springframework.boot.builder.SpringApplicationBuilder;

/** The quantizer service as a process of its own. */
public final class QuantizerApplication {

    private QuantizerApplication() {}

    /** Starts the service. */
    public static void main(String[] arguments) {
        new SpringApplicationBuilder(QuantizerConfiguration.class)
                .properties("spring.config.name=quantizer-service")
                .run(arguments);
    }
}
