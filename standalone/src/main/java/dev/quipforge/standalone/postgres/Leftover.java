package dev.quipforge.standalone.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an earlier server may have left in its data directory: {@code postmaster.pid}. If that server lives it is stopped; if
 * its process number now belongs to some other program, PostgreSQL would refuse to start, so the file is removed.
 */
final class Leftover {

    private static final Logger log = LoggerFactory.getLogger(Leftover.class);

    private final Path data;
    private final Path pidFile;

    private Leftover(Path data) {
        this.data = data;
        this.pidFile = data.resolve("postmaster.pid");
    }

    static Leftover of(Path data) {
        return new Leftover(data);
    }

    /** Stops a living server, forgets a dead one. */
    void clear(PostgresPrograms programs) throws IOException {
        if (!Files.exists(pidFile)) {
            return;
        }
        List<String> lines = Files.readAllLines(pidFile);
        String pid = lines.isEmpty() ? "" : lines.getFirst().strip();
        if (isServerOfThisDirectory(pid)) {
            log.warn("{}: a server left behind by an earlier process runs as pid {}: stopping it", data, pid);
            programs.stop();
        } else {
            log.warn("{}: left behind by a process that is gone ({}): removing it", pidFile, pid);
            Files.deleteIfExists(pidFile);
        }
    }

    /** A server works in its data directory; nothing else does. */
    private boolean isServerOfThisDirectory(String pid) {
        Path workingDirectory = Path.of("/proc", pid, "cwd");
        try {
            return !pid.isEmpty() && workingDirectory.toRealPath().equals(data.toRealPath());
        } catch (IOException e) {
            log.debug("{}: no such process, or not ours", pid, e);
            return false;
        }
    }
}
