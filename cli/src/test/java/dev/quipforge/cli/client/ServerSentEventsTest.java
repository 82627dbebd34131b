package dev.quipforge.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.cli.client.ServerSentEvents.Event;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Examples of WHATWG HTML, section 9.2.6. */
class ServerSentEventsTest {

    @Test
    void dataOfSeveralLinesIsJoined() throws IOException {
        assertThat(read("data: YHOO\ndata: +2\ndata: 10\n\n"))
                .containsExactly(new Event("", "message", "YHOO\n+2\n10"));
    }

    @Test
    void commentsAndEventsWithoutDataAreNoEvents() throws IOException {
        assertThat(
                        read(
                                ": test stream\n\ndata: first event\nid: 1\n\nid: 7\n\ndata:second event\n\ndata:  third event\n\n"))
                .containsExactly(
                        new Event("1", "message", "first event"),
                        new Event("7", "message", "second event"),
                        new Event("7", "message", " third event"));
    }

    @Test
    void aFieldWithoutColonHasAnEmptyValue() throws IOException {
        assertThat(read("data\n\ndata\ndata\n\n"))
                .containsExactly(new Event("", "message", ""), new Event("", "message", "\n"));
    }

    @Test
    void anEventThatTheStreamBreaksOffInIsDropped() throws IOException {
        assertThat(read("event: job\nid: 3\ndata: whole\n\nevent: job\nid: 4\ndata: half"))
                .containsExactly(new Event("3", "job", "whole"));
    }

    private static List<Event> read(String text) throws IOException {
        List<Event> events = new ArrayList<>();
        try (ServerSentEvents stream =
                new ServerSentEvents(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "")) {
            for (Event event = stream.next(); event != null; event = stream.next()) {
                events.add(event);
            }
        }
        return events;
    }
}
