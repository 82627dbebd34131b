package dev.quipforge.standalone.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/** The programs of PostgreSQL, unpacked from the class path into a folder. */
final class PostgresBinaries {

    /** Written last: a folder without it was left half unpacked and is unpacked again. */
    private static final String COMPLETE = ".complete";

    /** What only a linker would need. */
    private static final String STATIC_LIBRARY = ".a";

    private final Path directory;

    private PostgresBinaries(Path directory) {
        this.directory = directory;
    }

    /**
     * Unpacks the programs for this machine, unless they are there already.
     *
     * @throws IOException if there are none for this kind of machine, or they cannot be written
     */
    static PostgresBinaries unpack(Path directory) throws IOException {
        if (!Files.exists(directory.resolve(COMPLETE))) {
            try (InputStream archive = archive();
                    TarArchiveInputStream tar =
                            new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive)))) {
                for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                    if (!entry.getName().endsWith(STATIC_LIBRARY)) {
                        extract(tar, entry, directory);
                    }
                }
            }
            Files.createFile(directory.resolve(COMPLETE));
        }
        return new PostgresBinaries(directory);
    }

    /** The path of a program, such as {@code pg_ctl}. */
    String program(String name) {
        return directory.resolve("bin").resolve(name).toString();
    }

    private static InputStream archive() throws IOException {
        String name = "/postgres-linux-" + architecture() + ".txz";
        InputStream stream = PostgresBinaries.class.getResourceAsStream(name);
        if (stream == null) {
            throw new IOException(name + ": no PostgreSQL for this machine, os.name=" + System.getProperty("os.name")
                    + " os.arch=" + System.getProperty("os.arch") + " (expected: Linux on amd64 or aarch64)");
        }
        return stream;
    }

    private static String architecture() {
        String architecture = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return switch (architecture) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            default -> architecture;
        };
    }

    private static void extract(TarArchiveInputStream tar, TarArchiveEntry entry, Path directory) throws IOException {
        Path target = directory.resolve(entry.getName()).normalize();
        if (!target.startsWith(directory)) {
            throw new IOException(entry.getName() + ": leaves the folder it is unpacked into");
        }
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        createParent(target.getParent());
        Files.deleteIfExists(target);
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else {
            Files.copy(tar, target, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(target, permissions(entry));
        }
    }

    private static void createParent(@Nullable Path parent) throws IOException {
        if (parent != null) {
            Files.createDirectories(parent);
        }
    }

    private static Set<PosixFilePermission> permissions(TarArchiveEntry entry) {
        boolean executable = (entry.getMode() & 0b001_000_000) != 0;
        return PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--");
    }
}
