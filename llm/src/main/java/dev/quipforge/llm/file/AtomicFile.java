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

/**
 * Writes a file or a directory as a draft beside the target, then moves it there in one step: whole or absent. The draft is on
 * the disk before it gets its name, and the name before the method returns, so that this holds after a loss of power too.
 */
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
        write(target, body, Disk.FORCED);
    }

    /**
     * As {@link #write}, but nothing waits for the disk: for files that nobody wants after a loss of power, and for those in
     * the draft of a directory, which is forced as a whole.
     */
    public static void writeUnforced(Path target, Body body) {
        write(target, body, Disk.UNFORCED);
    }

    static void write(Path target, Body body, Disk disk) {
        Path directory = parent(target);
        Path existing = existing(directory);
        try {
            Files.createDirectories(directory);
            Path draft = draftIn(directory);
            try {
                body.writeTo(draft);
                disk.force(draft);
                Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(draft);
            }
            forceNames(directory, existing, disk);
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
        writeDirectory(target, body, Disk.FORCED);
    }

    static void writeDirectory(Path target, Body body, Disk disk) {
        requireEmpty(target);
        Path directory = parent(target);
        Path existing = existing(directory);
        try {
            Files.createDirectories(directory);
            Path draft = Files.createDirectory(draftIn(directory));
            try {
                body.writeTo(draft);
                forceTree(draft, disk);
                Files.deleteIfExists(target);
                Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                deleteTree(draft);
            }
            forceNames(directory, existing, disk);
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

    /** All at the end: the first of many small files takes the others with it. */
    private static void forceTree(Path root, Disk disk) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(root)) {
            paths = walk.filter(path -> !Files.isSymbolicLink(path)).toList();
        }
        for (Path path : paths) {
            disk.force(path);
        }
    }

    /** The entries of {@code directory}, and those of the directories that were made for it in {@code existing}. */
    private static void forceNames(Path directory, Path existing, Disk disk) throws IOException {
        Path each = directory;
        disk.force(each);
        while (!each.equals(existing)) {
            each = parent(each);
            disk.force(each);
        }
    }

    /** The closest directory above, or {@code directory} itself, that is there. */
    static Path existing(Path directory) {
        Path each = directory;
        while (!Files.exists(each)) {
            each = parent(each);
        }
        return each;
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
