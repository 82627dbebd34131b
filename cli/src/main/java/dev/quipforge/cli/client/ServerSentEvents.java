package dev.quipforge.cli.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads a stream of server-sent events (WHATWG HTML, section 9.2.6). */
final class ServerSentEvents implements AutoCloseable {

    private final BufferedReader reader;
    private String lastId;

    /**
     * One event.
     *
     * @param id the last id that the stream has named; empty when none
     * @param type {@code message} when the stream does not say
     * @param data its lines, joined
     */
    record Event(String id, String type, String data) {}

    /** Reads {@code stream}, resumed after the event {@code lastId}. */
    ServerSentEvents(InputStream stream, String lastId) {
        this.reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
        this.lastId = lastId;
    }

    /** The next event; null at the end of the stream. An event that the stream breaks off in is dropped. */
    @Nullable
    Event next() throws IOException {
        String type = "message";
        StringBuilder data = new StringBuilder();
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.isEmpty()) {
                if (!data.isEmpty()) {
                    return new Event(lastId, type, data.substring(0, data.length() - 1));
                }
                type = "message";
                continue;
            }
            int colon = line.indexOf(':');
            String field = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(line.startsWith(": ", colon) ? colon + 2 : colon + 1);
            switch (field) {
                case "data" -> data.append(value).append('\n');
                case "event" -> type = value;
                case "id" -> lastId = value;
                default -> {
                    // Comments, and fields that this reader has no use for.
                }
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
