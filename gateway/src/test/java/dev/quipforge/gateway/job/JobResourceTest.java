package dev.quipforge.gateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.gateway.Http;
import dev.quipforge.gateway.Submissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class JobResourceTest {

    private final Http http = new Http();

    @Test
    void aNewJobShowsItsRequestWithTheDefaults() {
        JsonNode job = http.post("/api/v1/jobs", Submissions.SHORT).json();

        assertThat(job.get("name").asString()).isEqualTo("demo");
        assertThat(job.get("state").asString()).isEqualTo("SUBMITTED");
        assertThat(job.get("stage").asString()).isEqualTo("intake");
        assertThat(job.get("fraction").asDouble()).isZero();
        assertThat(job.get("etaSeconds").isNull()).isTrue();
        assertThat(job.get("failure").isNull()).isTrue();
        assertThat(job.at("/request/recipe/tailBiting").asString()).isEqualTo("seam");
        assertThat(job.at("/request/recipe/calibration/samples").asInt()).isEqualTo(256);
        assertThat(job.at("/request/evaluation").isNull()).isTrue();
        assertThat(job.get("stages")
                        .valueStream()
                        .map(stage -> stage.get("stage").asString()))
                .containsExactly("intake", "calibrate", "quantize", "assemble", "publish");
    }

    @Test
    void theSameKeyAndBodyIsTheSameJob() {
        String key = UUID.randomUUID().toString();
        Http.Answer first = http.post("/api/v1/jobs", Submissions.FULL, "Idempotency-Key", key);
        Http.Answer second = http.post("/api/v1/jobs", Submissions.FULL.replace("\n", " "), "Idempotency-Key", key);

        assertThat(second.status()).isEqualTo(201);
        assertThat(second.json().get("id")).isEqualTo(first.json().get("id"));
    }

    @Test
    void theSameKeyForAnotherBodyIsAConflict() {
        String key = UUID.randomUUID().toString();
        http.post("/api/v1/jobs", Submissions.FULL, "Idempotency-Key", key);

        Http.Answer other = http.post("/api/v1/jobs", Submissions.SHORT, "Idempotency-Key", key);

        assertThat(other.status()).isEqualTo(409);
        assertThat(other.type()).isEqualTo("application/problem+json");
        assertThat(other.json().get("detail").asString()).contains(key).contains("used for another body");
    }

    @Test
    void aListGoesPageByPageFromTheNewest() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ids.addFirst(http.post("/api/v1/jobs", Submissions.SHORT)
                    .json()
                    .get("id")
                    .asString());
        }

        JsonNode first = http.get("/api/v1/jobs?limit=2").json();
        JsonNode second = http.get(
                        "/api/v1/jobs?limit=1&after=" + first.get("next").asString())
                .json();

        assertThat(ids(first)).containsExactly(ids.get(0), ids.get(1));
        assertThat(ids(second)).containsExactly(ids.get(2));
    }

    @Test
    void aListCanBeOfOneState() {
        String id =
                http.post("/api/v1/jobs", Submissions.SHORT).json().get("id").asString();
        http.delete("/api/v1/jobs/" + id);

        assertThat(ids(http.get("/api/v1/jobs?state=CANCELLED&limit=1").json())).containsExactly(id);
        assertThat(ids(http.get("/api/v1/jobs?state=SUBMITTED&limit=100").json()))
                .doesNotContain(id);
    }

    private static List<String> ids(JsonNode page) {
        return page.get("jobs")
                .valueStream()
                .map(job -> job.get("id").asString())
                .toList();
    }
}
