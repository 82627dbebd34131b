package dev.quipforge.standalone.data;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code standalone.json} says: it is written when the standalone is ready and removed when it begins to stop. A file whose
 * process is gone is stale.
 *
 * @param pid the process
 * @param url where the gateway is
 * @param started when the process began to start
 */
public record StateFile(long pid, URI url, Instant started) {

    /** Publishes this state, whole or not at all. */
    public void write(DataDirectory directory) throws IOException {
        Path draft = Files.createTempFile(directory.root(), "draft-", ".tmp");
        Files.writeString(draft, JsonMapper.shared().writeValueAsString(this));
        Files.move(draft, directory.stateFile(), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Takes it back. */
    public static void remove(DataDirectory directory) throws IOException {
        Files.deleteIfExists(directory.stateFile());
    }
}
