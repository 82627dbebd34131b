package dev.quipforge.cli.platform;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which standalone a command means. */
public final class DataOption {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Data directory (default: $$QUIPFORGE_HOME, else ~/.quipforge/standalone).")
    private @Nullable Path data;

    /** The data directory, absolute. */
    Path path() {
        return data == null
                ? RunningStandalone.defaultData()
                : data.toAbsolutePath().normalize();
    }
}
