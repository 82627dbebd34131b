package dev.quipforge.cli.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Memory as Linux accounts for it, in {@code /proc}. */
public final class ResidentMemory {

    private static final long KIBI = 1024;

    private ResidentMemory() {}

    /**
     * Bytes resident in a standalone: its process, the processes it has started, and PostgreSQL's. What several share is counted
     * for each. Zero where there is no {@code /proc}.
     */
    static long of(RunningStandalone standalone) {
        Stream<ProcessHandle> own = family(standalone.process());
        Stream<ProcessHandle> database =
                postmaster(standalone.data()).map(ResidentMemory::family).orElseGet(Stream::empty);
        return Stream.concat(own, database)
                .distinct()
                .mapToLong(process -> field(process.pid(), "VmRSS:"))
                .sum();
    }

    /** The most bytes that this process has ever had resident; zero where there is no {@code /proc}. */
    public static long peakOfThisProcess() {
        return field(ProcessHandle.current().pid(), "VmHWM:");
    }

    private static Stream<ProcessHandle> family(ProcessHandle process) {
        return Stream.concat(Stream.of(process), process.descendants());
    }

    private static Optional<ProcessHandle> postmaster(Path data) {
        try {
            List<String> lines = Files.readAllLines(data.resolve("postgres/data/postmaster.pid"));
            return ProcessHandle.of(Long.parseLong(lines.getFirst().strip()));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static long field(long pid, String name) {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
            return lines.filter(line -> line.startsWith(name))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIBI)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
