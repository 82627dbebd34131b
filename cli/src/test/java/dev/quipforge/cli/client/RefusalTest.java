package dev.quipforge.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;

class RefusalTest {

    private static final URI JOBS = URI.create("http://localhost:8080/api/v1/jobs");

    @Test
    void theFieldsAtFaultAreNamed() {
        String problem = """
                {"type": "urn:quipforge:problem:invalid-request", "title": "Invalid request", "status": 400,
                 "detail": "2 fields are wrong",
                 "errors": [{"field": "recipe.bits", "value": 7, "expected": "2, 3 or 4"},
                            {"field": "model.directory", "value": null, "expected": "a path"}]}
                """;
        assertThat(Refusal.message(400, JOBS, problem))
                .isEqualTo("recipe.bits: 7 (expected: 2, 3 or 4); model.directory: missing (expected: a path)");
    }

    @Test
    void aProblemWithoutFieldsIsItsDetail() {
        assertThat(Refusal.message(404, JOBS, "{\"detail\": \"job a: there is none\"}"))
                .isEqualTo("job a: there is none");
    }

    @Test
    void whatIsNoProblemIsQuotedOnOneLine() {
        assertThat(Refusal.message(502, JOBS, "<html>\n<h1>Bad\n gateway</h1>"))
                .isEqualTo("HTTP 502 from http://localhost:8080/api/v1/jobs: <html> <h1>Bad gateway</h1>");
        assertThat(Refusal.message(500, JOBS, "{}")).isEqualTo("HTTP 500 from http://localhost:8080/api/v1/jobs");
    }
}
