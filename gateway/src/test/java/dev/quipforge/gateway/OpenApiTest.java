package dev.quipforge.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class OpenApiTest {

    private final Http http = new Http();

    @Test
    void theDescriptionListsEveryEndpoint() {
        JsonNode paths = http.get("/v3/api-docs").json().get("paths");
        Set<String> endpoints = new TreeSet<>();
        paths.properties()
                .forEach(path -> path.getValue()
                        .propertyNames()
                        .forEach(method ->
                                endpoints.add(method.toUpperCase(java.util.Locale.ROOT) + " " + path.getKey())));

        assertThat(endpoints)
                .containsExactlyInAnyOrder(
                        "POST /api/v1/jobs",
                        "GET /api/v1/jobs",
                        "GET /api/v1/jobs/{id}",
                        "DELETE /api/v1/jobs/{id}",
                        "GET /api/v1/jobs/{id}/tasks",
                        "GET /api/v1/jobs/{id}/events",
                        "GET /api/v1/jobs/{id}/report",
                        "GET /api/v1/jobs/{id}/report/blocks/{block}",
                        "GET /api/v1/jobs/{id}/artifacts",
                        "GET /api/v1/jobs/{id}/artifacts/{path}",
                        "GET /api/v1/methods",
                        "GET /api/v1/models");
    }

    @Test
    void theExampleOfTheDescriptionIsAJob() {
        JsonNode example = http.get("/v3/api-docs").json().at("/paths/~1api~1v1~1jobs/post/requestBody/content");
        String body = example.get("application/json").get("example").toString();

        Http.Answer answer = http.post("/api/v1/jobs", body.replace("/srv/texts", TestPlatform.ROOT));

        assertThat(answer.status()).as(body).isEqualTo(201);
    }

    @Test
    void thereIsAPageToTryItOn() {
        assertThat(http.get("/swagger-ui/index.html").response().body()).contains("swagger-ui");
    }

    @Test
    void theGatewayIsReady() {
        assertThat(http.get("/actuator/health/readiness").json().get("status").asString())
                .isEqualTo("UP");
    }

    @Test
    void theMethodsAreListedWithTheirCodes() {
        JsonNode methods = http.get("/api/v1/methods").json();
        assertThat(methods.at("/methods")
                        .valueStream()
                        .map(method -> method.get("name").asString()))
                .containsExactly("qtip", "quip-sharp", "quip");
        assertThat(methods.at("/methods/1/codes/0/bits").toString()).isEqualTo("[2,3,4]");
        assertThat(methods.at("/transforms").toString()).isEqualTo("[\"hadamard\",\"kronecker\"]");
        assertThat(methods.at("/tuning/modes")
                        .valueStream()
                        .map(mode -> mode.get("name").asString()))
                .containsExactly("none", "blocks", "blocks+end-to-end");
        assertThat(methods.at("/tuning/presets/1/name").asString()).isEqualTo("fast");
        assertThat(methods.at("/calibration/sources")
                        .valueStream()
                        .map(source -> source.get("name").asString()))
                .containsExactly("text", "self-generated");
    }

    @Test
    void theModelsAreListed() {
        assertThat(http.get("/api/v1/models").json().get("models").isArray()).isTrue();
    }
}
