package dev.quipforge.llm.checkpoint;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.file.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** {@code SHA256SUMS} over every other file of a directory, in the format of {@code sha256sum}; written last. */
public final class Checksums {

    /** Name of the file; a checkpoint that has it is complete. */
    public static final String FILE = "SHA256SUMS";

    private Checksums() {}

    /** Hashes all files under {@code directory} and writes their sums; returns them by name. */
    public static SortedMap<String, String> write(Path directory) {
        SortedMap<String, String> sums = sums(directory);
        StringBuilder text = new StringBuilder();
        sums.forEach((name, sum) -> text.append(sum).append("  ").append(name).append('\n'));
        AtomicFile.writeText(directory.resolve(FILE), text.toString());
        return sums;
    }

    /**
     * Checks that every file is there and is what {@code SHA256SUMS} says, and that there is no other.
     *
     * @throws InvalidModelException naming the first file that is not
     */
    public static void verify(Path directory) {
        SortedMap<String, String> expected = read(directory.resolve(FILE));
        SortedMap<String, String> actual = sums(directory);
        expected.forEach((name, sum) -> {
            String found = actual.getOrDefault(name, "missing");
            if (!found.equals(sum)) {
                throw new InvalidModelException(name, "SHA-256 " + found + " (expected: " + sum + ")");
            }
        });
        actual.keySet().stream()
                .filter(name -> !expected.containsKey(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new InvalidModelException(name, "not in " + FILE);
                });
    }

    /** The SHA-256 of a file, in hexadecimal. */
    public static String sha256(Path file) {
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of()
                    .formatHex(((DigestInputStream) in).getMessageDigest().digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static SortedMap<String, String> sums(Path directory) {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(directory)) {
            files = walk.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        SortedMap<String, String> sums = new TreeMap<>();
        for (Path file : files) {
            String name = directory.relativize(file).toString();
            if (!name.equals(FILE)) {
                sums.put(name, sha256(file));
            }
        }
        return sums;
    }

    private static SortedMap<String, String> read(Path file) {
        SortedMap<String, String> sums = new TreeMap<>();
        try {
            for (String line : Files.readAllLines(file)) {
                if (!line.matches("[0-9a-f]{64} [ *].+")) {
                    throw new InvalidModelException(FILE, "line '" + line + "' (expected: a SHA-256 and a file name)");
                }
                sums.put(line.substring(66), line.substring(0, 64));
            }
        } catch (IOException e) {
            throw new InvalidModelException(FILE, "cannot be read: " + e.getMessage(), e);
        }
        return sums;
    }
}
