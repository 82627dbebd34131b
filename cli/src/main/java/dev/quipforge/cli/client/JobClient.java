package dev.quipforge.cli.client;

import dev.quipforge.cli.terminal.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** The job API over HTTP. What the server says is passed on as it is; what it refuses is a {@link CommandFailure}. */
public final class JobClient {

    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    /** With this status the health endpoint answers, in full, when something is not well. */
    private static final int UNAVAILABLE = 503;

    private static final JsonMapper JSON = JsonMapper.shared();

    private final URI server;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();

    /** A client of the gateway at {@code server}, such as {@code http://localhost:8080}. */
    public JobClient(URI server) {
        this.server = server;
    }

    /** Where the gateway is. */
    public URI server() {
        return server;
    }

    /** Submits a job; returns it. */
    public JsonNode submit(JsonNode request) {
        return json(request("/api/v1/jobs")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(JSON.writeValueAsString(request))));
    }

    /** A page of jobs, newest first; {@code query} starts with {@code ?} or is empty. */
    public JsonNode jobs(String query) {
        return json(request("/api/v1/jobs" + query).GET());
    }

    /** A job. */
    public JsonNode job(String id) {
        return json(request("/api/v1/jobs/" + encode(id)).GET());
    }

    /** All tasks of a job, however many pages they fill. */
    public JsonNode tasks(String id) {
        String path = "/api/v1/jobs/" + encode(id) + "/tasks";
        JsonNode page = json(request(path).GET());
        ArrayNode all = JSON.createArrayNode();
        page.path("tasks").forEach(all::add);
        while (page.path("next").isString()) {
            page = json(
                    request(path + "?after=" + page.path("next").stringValue()).GET());
            page.path("tasks").forEach(all::add);
        }
        return JSON.createObjectNode().set("tasks", all);
    }

    /** The report of a job that succeeded. */
    public JsonNode report(String id) {
        return json(request("/api/v1/jobs/" + encode(id) + "/report").GET());
    }

    /** Every linear and every expert of one block of it. */
    public JsonNode report(String id, int block) {
        return json(request("/api/v1/jobs/" + encode(id) + "/report/blocks/" + block)
                .GET());
    }

    /** The files of a job that succeeded. */
    public JsonNode artifacts(String id) {
        return json(request("/api/v1/jobs/" + encode(id) + "/artifacts").GET());
    }

    /** Cancels a job. */
    public void cancel(String id) {
        send(request("/api/v1/jobs/" + encode(id)).DELETE(), BodyHandlers.ofString());
    }

    /** Whether the gateway and what it needs are well, as the server says it. */
    public JsonNode health() {
        return parse(send(
                request("/actuator/health").GET(),
                BodyHandlers.ofString(),
                status -> success(status) || status == UNAVAILABLE));
    }

    /** Writes a file of a job to {@code target}. */
    public void download(String id, String path, Path target) {
        String encoded = Arrays.stream(path.split("/")).map(JobClient::encode).collect(Collectors.joining("/"));
        send(request("/api/v1/jobs/" + encode(id) + "/artifacts/" + encoded).GET(), BodyHandlers.ofFile(target));
    }

    /** The events of a job from the one after {@code lastId} on (all when empty), as a stream that the caller closes. */
    InputStream events(String id, String lastId) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve("/api/v1/jobs/" + encode(id) + "/events"))
                .header("Accept", "text/event-stream");
        if (!lastId.isEmpty()) {
            request.header("Last-Event-ID", lastId);
        }
        HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            response.body().close();
            throw new IOException("events: HTTP " + response.statusCode() + " (expected: 200)");
        }
        return response.body();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(server.resolve(path)).timeout(ANSWER);
    }

    private JsonNode json(HttpRequest.Builder request) {
        return parse(send(request, BodyHandlers.ofString()));
    }

    private JsonNode parse(String body) {
        try {
            return JSON.readTree(body);
        } catch (JacksonException e) {
            throw new CommandFailure(server + ": answers something else than JSON: is this a quipforge gateway?", e);
        }
    }

    /** What is not a success is always read as text, for it says what is wrong. */
    private <T> T send(HttpRequest.Builder builder, HttpResponse.BodyHandler<T> body) {
        return send(builder, body, JobClient::success);
    }

    private <T> T send(HttpRequest.Builder builder, HttpResponse.BodyHandler<T> body, IntPredicate answers) {
        HttpRequest request = builder.build();
        try {
            HttpResponse<Answer<T>> response = http.send(
                    request,
                    info -> answers.test(info.statusCode())
                            ? BodySubscribers.mapping(body.apply(info), Answer.Content::new)
                            : BodySubscribers.mapping(
                                    BodySubscribers.ofString(StandardCharsets.UTF_8), Answer.Refused::new));
            return switch (response.body()) {
                case Answer.Content<T>(T content) -> content;
                case Answer.Refused<T>(String text) ->
                    throw new CommandFailure(Refusal.message(response.statusCode(), request.uri(), text));
            };
        } catch (IOException e) {
            throw new CommandFailure(
                    server + ": no answer (" + describe(e) + "); is it running? 'quipforge up' starts it", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(CommandFailure.INTERRUPTED, "interrupted");
        }
    }

    private static boolean success(int status) {
        return status / 100 == 2;
    }

    private sealed interface Answer<T> {
        record Content<T>(T content) implements Answer<T> {}

        record Refused<T>(String text) implements Answer<T> {}
    }

    private static String describe(IOException problem) {
        return problem.getMessage() == null ? problem.getClass().getSimpleName() : problem.getMessage();
    }

    private static String encode(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
