package dev.quipforge.llm.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** Writes a file or a directory as a draft beside the target, then moves it there in one step: whole or absent. */
public final class AtomicFile {

    private AtomicFile() {}

    /** Fills a draft. */
    @FunctionalInterface
    public interface Body {

        /** Writes everything to {@code draft}. */
        void writeTo(Path draft) throws IOException;
    }

    /** Writes {@code target}, making its directory; an older file of that name is replaced. */
    public static void write(Path target, Body body) {
        Path directory = parent(target);
        try {
            Files.createDirectories(directory);
            Path draft = draftIn(directory);
            try {
                body.writeTo(draft);
                Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(draft);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(target + ": cannot be written", e);
        }
    }

    /** Writes a UTF-8 text. */
    public static void writeText(Path target, String text) {
        write(target, draft -> Files.write(draft, text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Makes the directory {@code target}, which may exist only if it is empty.
     *
     * @throws IllegalArgumentException when the target is a file or holds something
     */
    public static void writeDirectory(Path target, Body body) {
        requireEmpty(target);
        Path directory = parent(target);
        try {
            Files.createDirectories(directory);
            Path draft = Files.createDirectory(draftIn(directory));
            try {
                body.writeTo(draft);
                Files.deleteIfExists(target);
                Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                deleteTree(draft);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(target + ": cannot be written", e);
        }
    }

    /** Checks that {@code target} is absent or an empty directory. */
    public static void requireEmpty(Path target) {
        if (!Files.exists(target)) {
            return;
        }
        try (Stream<Path> content = Files.isDirectory(target) ? Files.list(target) : Stream.of(target)) {
            if (content.findAny().isPresent()) {
                throw new IllegalArgumentException(
                        target + ": exists already (expected: absent or an empty directory)");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes a file or a directory with everything in it; absent is well. */
    public static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(root)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.delete(path);
        }
    }

    private static Path draftIn(Path directory) {
        return directory.resolve(".draft-" + UUID.randomUUID());
    }

    private static Path parent(Path target) {
        Path parent = target.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException(target + ": the root cannot be written");
        }
        return parent;
    }
}
