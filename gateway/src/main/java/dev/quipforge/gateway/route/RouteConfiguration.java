package dev.quipforge.gateway.route;

import static org.springframework.cloud.gateway.server.mvc.filter.BeforeFilterFunctions.uri;
import static org.springframework.cloud.gateway.server.mvc.handler.GatewayRouterFunctions.route;
import static org.springframework.cloud.gateway.server.mvc.handler.HandlerFunctions.http;
import static org.springframework.web.servlet.function.RequestPredicates.path;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/** The OpenAI-compatible API is the inference service's; clients reach it through the gateway. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RouteProperties.class)
public class RouteConfiguration {

    @Bean
    RouterFunction<ServerResponse> inferenceRoute(RouteProperties properties) {
        return route("inference")
                .route(path("/v1/**"), http())
                .before(uri(properties.uri()))
                .onError(ResourceAccessException.class, (failure, request) -> unavailable(properties, failure, request))
                .build();
    }

    private static ServerResponse unavailable(RouteProperties properties, Throwable failure, ServerRequest request) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(
                HttpStatus.SERVICE_UNAVAILABLE,
                "inference service at %s: %s (expected: a running inference service)"
                        .formatted(properties.uri(), failure.getMessage()));
        problem.setInstance(request.uri());
        return ServerResponse.status(HttpStatus.SERVICE_UNAVAILABLE)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(problem);
    }
}
