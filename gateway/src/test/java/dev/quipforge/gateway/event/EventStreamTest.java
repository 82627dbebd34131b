package dev.quipforge.gateway.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.gateway.Http;
import dev.quipforge.gateway.Submissions;
import dev.quipforge.gateway.TestPlatform;
import dev.quipforge.gateway.Workers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EventStreamTest {

    private final Http http = new Http();

    record Event(long id, String name, JsonNode data) {}

    @Test
    void aStreamTellsTheWholeStoryAndEndsWithTheJob() {
        try (Workers _ = new Workers(TestPlatform.shared().brokers(), Workers::succeed)) {
            String path = submit();

            List<Event> events = events(path, "");

            assertThat(events).extracting(Event::id).isSorted().doesNotHaveDuplicates();
            assertThat(events.getFirst().data().get("state").asString()).isEqualTo("SUBMITTED");
            assertThat(events.getLast().name()).isEqualTo("job");
            assertThat(events.getLast().data().get("state").asString()).isEqualTo("SUCCEEDED");
            assertThat(events.getLast().data().get("fraction").asDouble()).isEqualTo(1);
            assertThat(events).extracting(Event::name).contains("progress", "task");
            assertThat(events.stream()
                            .map(event -> event.data().get("fraction").asDouble())
                            .toList())
                    .isSorted();
        }
    }

    @Test
    void aStreamIsResumedAfterTheLastEventSeen() {
        try (Workers _ = new Workers(TestPlatform.shared().brokers(), Workers::succeed)) {
            String path = submit();
            List<Event> all = events(path, "");
            long seen = all.get(all.size() / 2).id();

            List<Event> rest = events(path, "?after=" + seen);

            assertThat(rest).isEqualTo(all.subList(all.size() / 2 + 1, all.size()));
            HttpResponse<Stream<String>> resumed = http.send(
                    http.request(path + "/events")
                            .header("Last-Event-ID", String.valueOf(seen))
                            .GET(),
                    HttpResponse.BodyHandlers.ofLines());
            assertThat(parse(resumed.body())).isEqualTo(rest);
            assertThat(events(path, "?after=" + all.getLast().id())).isEmpty();
        }
    }

    @Test
    void aQuietStreamIsKeptAliveAndAFollowerSeesTheCancellation() {
        String path = submit();
        HttpResponse<Stream<String>> response =
                http.send(http.request(path + "/events").GET(), HttpResponse.BodyHandlers.ofLines());
        assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
        List<String> lines = new ArrayList<>();

        response.body().forEach(line -> {
            lines.add(line);
            if (line.equals(":still here") && !lines.contains("cancelled")) {
                lines.add("cancelled");
                http.delete(path);
            }
        });

        assertThat(lines).contains("cancelled");
        assertThat(lines.getLast()).isEmpty();
        assertThat(lines.subList(lines.indexOf("cancelled"), lines.size()))
                .anyMatch(line -> line.startsWith("data:") && line.contains("\"CANCELLED\""));
    }

    private String submit() {
        return "/api/v1/jobs/"
                + http.post("/api/v1/jobs", Submissions.SHORT).json().get("id").asString();
    }

    private List<Event> events(String path, String query) {
        return parse(http.send(http.request(path + "/events" + query).GET(), HttpResponse.BodyHandlers.ofLines())
                .body());
    }

    private static List<Event> parse(Stream<String> lines) {
        JsonMapper json = JsonMapper.builder().build();
        List<Event> events = new ArrayList<>();
        long id = 0;
        String name = "";
        for (String line : lines.toList()) {
            if (line.startsWith("id:")) {
                id = Long.parseLong(line.substring(3));
            } else if (line.startsWith("event:")) {
                name = line.substring(6);
            } else if (line.startsWith("data:")) {
                events.add(new Event(id, name, json.readTree(line.substring(5))));
            }
        }
        return events;
    }
}
