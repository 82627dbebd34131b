package dev.quipforge.gateway.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.gateway.Http;
import dev.quipforge.gateway.Submissions;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What clients read when they are wrong. */
class BadRequestTest {

    private final Http http = new Http();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'\"bits\": 2' | '\"bits\": 7' | recipe.bits | 'recipe.bits: 7 (expected: 2, 3 or 4)'",
                "'\"bits\": 2' | '\"bits\": \"2\"' | recipe.bits | 'recipe.bits: \"2\" (expected: a whole number)'",
                "'\"bits\": 2' | '\"bits\": 2.5' | recipe.bits | 'recipe.bits: 2.5 (expected: a whole number)'",
                "'\"bits\": 2' | '\"bits\": [2]' | recipe.bits | 'recipe.bits: another type (expected: a whole number)'",
                "'\"qtip\"' | '5' | recipe.method | 'recipe.method: 5 (expected: a string)'",
                "'\"bits\": 2,' | '' | recipe.bits | 'recipe.bits: missing (expected: 2, 3 or 4)'",
                "'\"qtip\"' | '\"gptq\"' | recipe.method | 'recipe.method: gptq (expected: one of [qtip, quip-sharp, quip])'",
                "'\"3inst\"' | '\"e8p\"' | recipe.code | "
                        + "'recipe.code: e8p (expected: one of [3inst, 1mad, hyb, lut, mcg, mul1, pair])'",
                "'\"samples\": 100' | '\"samples\": 0' | recipe.calibration.samples "
                        + "| 'recipe.calibration.samples: 0 (expected: 1 to 65536)'",
                "'\"samples\"' | '\"sample\"' | recipe.calibration.sample "
                        + "| 'recipe.calibration.sample: unknown field (expected: one of [context, samples, source, text])'",
                "'\"name\"' | '\"nmae\"' | nmae "
                        + "| 'nmae: unknown field (expected: one of [evaluation, model, name, recipe])'",
                "'/srv/models/demo' | '/etc' | model.directory "
                        + "| 'model.directory: /etc (expected: an absolute path inside /srv/models)'",
                "'/srv/models/demo' | '/srv/models/../x' | model.directory "
                        + "| 'model.directory: /srv/models/../x (expected: an absolute path inside /srv/models)'",
                "'\"seed\": 7' | '\"seed\": 7, \"seed\": 8' | body | 'Duplicate Object property'",
                "'{\"name\"' | '[' | body | 'expected: '",
                "'\"directory\"' | '\"directory\" \"x\"' | body | 'expected: JSON, see line 2 column'",
            })
    void aWrongFieldIsNamedWithItsValueAndWhatWasExpected(String part, String wrong, String field, String message) {
        Http.Answer answer = http.post("/api/v1/jobs", Submissions.FULL.replace(part, wrong == null ? "" : wrong));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.type()).isEqualTo("application/problem+json");
        JsonNode problem = answer.json();
        assertThat(problem.get("type").asString()).isEqualTo("urn:quipforge:problem:invalid-request");
        assertThat(problem.get("instance").asString()).isEqualTo("/api/v1/jobs");
        assertThat(problem.get("field").asString()).isEqualTo(field);
        assertThat(problem.get("detail").asString()).contains(message);
        assertThat(problem.at("/errors/0/field").asString()).isEqualTo(field);
        assertThat(problem.at("/errors/0/message").asString()).contains(message);
    }

    @Test
    void anEmptyBodyIsNoJob() {
        Http.Answer answer = http.post("/api/v1/jobs", "");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("detail").asString()).isEqualTo("body: missing (expected: a JSON object)");
    }

    @Test
    void anotherMediaTypeIsRefused() {
        Http.Answer answer = http.send(http.request("/api/v1/jobs")
                .header("Content-Type", "text/plain")
                .POST(java.net.http.HttpRequest.BodyPublishers.ofString("x")));

        assertThat(answer.status()).isEqualTo(415);
        assertThat(answer.type()).isEqualTo("application/problem+json");
    }

    @ParameterizedTest
    @CsvSource({
        "'', ''",
        "/tasks, ''",
        "/events, text/event-stream",
        "/report, ''",
        "/artifacts, ''",
        "/artifacts/x, ''"
    })
    void aJobThatIsNotThereIsAProblemEverywhere(String resource, String accept) {
        UUID id = UUID.randomUUID();
        Http.Answer answer = http.send(http.request("/api/v1/jobs/" + id + resource)
                .header("Accept", accept.isEmpty() ? "*/*" : accept)
                .GET());

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.type()).startsWith("application/problem+json");
        assertThat(answer.json().get("detail").asString()).startsWith("job " + id + ": not found");
    }

    @ParameterizedTest
    @CsvSource({
        "/api/v1/jobs/abc, 400, id: abc (expected: a UUID)",
        "/api/v1/jobs?limit=0, 400, limit: 0 (expected: 1 to 100)",
        "/api/v1/jobs/00000000-0000-4000-8000-000000000001/tasks?limit=1001, 400, limit: 1001 (expected: 1 to 1000)",
        "/api/v1/jobs/00000000-0000-4000-8000-000000000001/tasks?state=BORED, 400, state: BORED",
        "/api/v1/jobs?limit=many, 400, limit: many (expected: a int)",
        "/api/v1/jobs?after=x, 400, after: x (expected: a Long)",
        "/api/v1/nothing, 404, No static resource api/v1/nothing",
    })
    void aWrongAddressIsAProblemToo(String path, int status, String detail) {
        Http.Answer answer = http.get(path);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.type()).isEqualTo("application/problem+json");
        assertThat(answer.json().get("detail").asString()).contains(detail);
    }

    @Test
    void anUnknownStateIsAnsweredWithTheStatesThereAre() {
        assertThat(http.get("/api/v1/jobs?state=DONE").json().get("detail").asString())
                .isEqualTo("state: DONE (expected: one of [SUBMITTED, RUNNING, SUCCEEDED, FAILED, CANCELLED])");
    }

    @Test
    void aWrongEventIdIsNamed() {
        String id =
                http.post("/api/v1/jobs", Submissions.SHORT).json().get("id").asString();

        Http.Answer answer = http.get("/api/v1/jobs/" + id + "/events?after=x");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("detail").asString()).isEqualTo("after: x (expected: the id of an event)");
    }
}
