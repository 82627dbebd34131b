package dev.quipforge.standalone.services;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;

/** A service in a Spring context of its own. */
final class RunningService implements AutoCloseable {

    private final ConfigurableApplicationContext context;

    private RunningService(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /** Starts the service; returns when it is ready. The gateway will tell the health of all. */
    static RunningService start(Service service, ServiceSettings settings, ServicesHealth health) {
        // As arguments: these win over everything else that Spring may find.
        String[] arguments = settings.properties(service).entrySet().stream()
                .map(property -> "--" + property.getKey() + "=" + property.getValue())
                .toArray(String[]::new);
        SpringApplicationBuilder application = new SpringApplicationBuilder(service.configuration());
        if (service == Service.GATEWAY) {
            application.initializers(health::contributeTo);
        }
        return new RunningService(application.run(arguments));
    }

    /** How the service is, by its own account. */
    Status health() {
        return context.getBean(HealthEndpoint.class).health().getStatus();
    }

    @Override
    public void close() {
        context.close();
    }
}
