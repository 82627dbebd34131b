package dev.quipforge.standalone.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Everything the standalone keeps, under one folder that only its owner may enter.
 *
 * @param root absolute path
 */
public record DataDirectory(Path root) {

    /**
     * Creates the folder if it is new, and closes it to other users.
     *
     * @throws IOException if it cannot be made, or is something else than a folder
     */
    public static DataDirectory open(Path path) throws IOException {
        Path root = path.toAbsolutePath().normalize();
        if (Files.exists(root) && !Files.isDirectory(root)) {
            throw new IOException(root + ": is not a folder (expected: a data directory, or nothing yet)");
        }
        Files.createDirectories(root);
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        DataDirectory directory = new DataDirectory(root);
        Files.createDirectories(directory.logs());
        return directory;
    }

    /** Held by the process that uses the directory. */
    public Path lockFile() {
        return root.resolve("standalone.lock");
    }

    /** Says where a running standalone is; there only while it is ready. */
    public Path stateFile() {
        return root.resolve("standalone.json");
    }

    /** Secrets of this directory, made when it was new. */
    public Path credentialsFile() {
        return root.resolve("credentials.json");
    }

    /** Every log file. */
    public Path logs() {
        return root.resolve("logs");
    }

    /** The broker's log directory. */
    public Path kafka() {
        return root.resolve("kafka");
    }

    /** Programs and data of PostgreSQL. */
    public Path postgres() {
        return root.resolve("postgres");
    }

    /** Buckets of the artifact store. */
    public Path artifacts() {
        return root.resolve("s3");
    }

    /** What workers keep of the artifacts they read; may be deleted at any time. */
    public Path cache() {
        return root.resolve("cache");
    }

    /** Removes the folder and all that is in it. */
    public void delete() throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> paths = Files.walk(root)) {
            deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : deepestFirst) {
            Files.deleteIfExists(path);
        }
    }
}
