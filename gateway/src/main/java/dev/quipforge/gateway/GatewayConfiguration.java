package dev.quipforge.gateway;

import dev.quipforge.gateway.artifact.ArtifactConfiguration;
import dev.quipforge.gateway.cleanup.CleanupConfiguration;
import dev.quipforge.gateway.dashboard.DashboardConfiguration;
import dev.quipforge.gateway.event.EventConfiguration;
import dev.quipforge.gateway.job.JobConfiguration;
import dev.quipforge.gateway.outbox.OutboxConfiguration;
import dev.quipforge.gateway.problem.ProblemConfiguration;
import dev.quipforge.gateway.registry.RegistryConfiguration;
import dev.quipforge.gateway.report.ReportConfiguration;
import dev.quipforge.gateway.request.RequestConfiguration;
import dev.quipforge.gateway.route.RouteConfiguration;
import dev.quipforge.gateway.saga.SagaConfiguration;
import dev.quipforge.gateway.task.TaskConfiguration;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import java.time.Clock;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** All of the gateway; what a process that runs it imports. Its settings are in {@code gateway.yml}. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({
    ArtifactConfiguration.class,
    CleanupConfiguration.class,
    DashboardConfiguration.class,
    EventConfiguration.class,
    JobConfiguration.class,
    OutboxConfiguration.class,
    ProblemConfiguration.class,
    RegistryConfiguration.class,
    ReportConfiguration.class,
    RequestConfiguration.class,
    RouteConfiguration.class,
    SagaConfiguration.class,
    TaskConfiguration.class
})
public class GatewayConfiguration {

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    OpenAPI openApi() {
        return new OpenAPI()
                .info(new Info()
                        .title("quipforge")
                        .version("v1")
                        .description("Quantizes large language models to 2, 3 and 4 bits. Errors are problem details "
                                + "(RFC 9457) with the fields at fault in errors.")
                        .license(new License().name("Apache-2.0").identifier("Apache-2.0")));
    }
}
