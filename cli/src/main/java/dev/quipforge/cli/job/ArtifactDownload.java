package dev.quipforge.cli.job;

import dev.quipforge.cli.client.JobClient;
import dev.quipforge.cli.terminal.CommandFailure;
import dev.quipforge.llm.file.DiskSpaceException;
import dev.quipforge.llm.file.FreeSpace;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Fetches all files of a job into a folder. They are written beside it, checked against their SHA-256, and moved into place
 * together; a folder that an earlier download made is replaced.
 */
public final class ArtifactDownload {

    /** A folder that has this file is one of ours. */
    private static final String MARK = "SHA256SUMS";

    private final JobClient client;

    /** Downloads by {@code client}. */
    public ArtifactDownload(JobClient client) {
        this.client = client;
    }

    /**
     * Says early whether {@link #into} would refuse the folder.
     *
     * @throws CommandFailure if there is something else than an earlier download
     */
    public static void check(Path target) throws IOException {
        boolean free = !Files.exists(target)
                || (Files.isDirectory(target) && (Files.exists(target.resolve(MARK)) || isEmpty(target)));
        if (!free) {
            throw new CommandFailure(target + ": exists and is not an earlier download (expected: another folder)");
        }
    }

    /** Fetches the files of a job; returns the number of bytes. */
    public long into(String job, Path folder) throws IOException {
        Path target = folder.toAbsolutePath().normalize();
        check(target);
        Path parent = Files.createDirectories(parent(target));
        Path draft = Files.createTempDirectory(parent, ".quipforge-draft-");
        try {
            JsonNode files = client.artifacts(job).path("artifacts");
            requireFree(parent, files, job);
            long bytes = 0;
            for (JsonNode file : files) {
                bytes += fetch(job, file, draft);
            }
            replace(target, draft, draft.resolveSibling(draft.getFileName() + "-replaced"));
            return bytes;
        } finally {
            delete(draft);
        }
    }

    private static void requireFree(Path directory, JsonNode files, String job) {
        long need = 0;
        for (JsonNode file : files) {
            need += file.path("bytes").asLong(0);
        }
        try {
            FreeSpace.requireFree(directory, need, "the model of job " + job);
        } catch (DiskSpaceException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
    }

    private long fetch(String job, JsonNode file, Path draft) throws IOException {
        String name = file.path("path").asString("");
        Path path = draft.resolve(name).normalize();
        if (name.isEmpty() || !path.startsWith(draft) || path.equals(draft)) {
            throw new CommandFailure("artifact '" + name + "': a path that leaves the folder");
        }
        Files.createDirectories(parent(path));
        client.download(job, name, path);
        String expected = file.path("sha256").asString("");
        String actual = sha256(path);
        if (!expected.isEmpty() && !expected.equals(actual)) {
            throw new CommandFailure(name + ": sha256 " + actual + " (expected: " + expected + ")");
        }
        return Files.size(path);
    }

    private static void replace(Path target, Path draft, Path old) throws IOException {
        boolean replaces = Files.exists(target);
        if (replaces) {
            Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        if (replaces) {
            delete(old);
        }
    }

    private static String sha256(Path path) throws IOException {
        try (InputStream file = Files.newInputStream(path);
                DigestInputStream stream = new DigestInputStream(file, MessageDigest.getInstance("SHA-256"))) {
            stream.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(stream.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256: every Java has it", e);
        }
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? path : parent;
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> paths = Files.walk(folder)) {
            deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : deepestFirst) {
            Files.deleteIfExists(path);
        }
    }
}
