package dev.quipforge.cli.local;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which text a model is calibrated on when none is named: {@code calibration.txt} in its directory, else beside it, else the
 * English text that comes with quipforge.
 */
final class CalibrationText {

    private static final String NAME = "calibration.txt";

    private CalibrationText() {}

    /** The text for the model in {@code directory}. */
    static Path choose(@Nullable Path named, Path directory) {
        if (named != null) {
            return named;
        }
        Path inside = directory.resolve(NAME);
        if (Files.exists(inside)) {
            return inside;
        }
        Path beside = directory.toAbsolutePath().normalize().resolveSibling(NAME);
        return Files.exists(beside) ? beside : Path.of(System.getProperty("quipforge.home", ""), "demo", NAME);
    }
}
