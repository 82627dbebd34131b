package dev.quipforge.gateway;

import org.springframework.boot.builder.SpringApplicationBuilder;

/** The gateway as a process of its own. */
public final class GatewayApplication {

    private GatewayApplication() {}

    /** Starts the gateway. */
    public static void main(String[] arguments) {
        new SpringApplicationBuilder(GatewayConfiguration.class)
                .properties("spring.config.name=gateway")
                .run(arguments);
    }
}
