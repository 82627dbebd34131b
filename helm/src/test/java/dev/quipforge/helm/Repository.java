package dev.quipforge.helm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files of this repository, for tests that hold them together. */
final class Repository {

    /** The directory of the parent POM; the tests of a module run in the module's directory. */
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private Repository() {}

    /** The file or directory at a path below the root, which must exist. */
    static Path path(String relative) {
        Path path = ROOT.resolve(relative);
        if (Files.notExists(path)) {
            throw new IllegalStateException(path + " does not exist (expected: a file of the repository)");
        }
        return path;
    }

    /** The text of the file at a path below the root. */
    static String text(String relative) {
        return text(path(relative));
    }

    /** The text of a file. */
    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
