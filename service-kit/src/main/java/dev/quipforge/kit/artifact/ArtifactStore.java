package dev.quipforge.kit.artifact;

import java.io.File;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The store of all big things. An entry is written once, atomically: it is whole or absent, and never changes.
 *
 * <p>A key is a relative path of visible ASCII characters with {@code /} between its parts; empty parts, {@code .} and
 * {@code ..} are refused with {@link IllegalArgumentException}. Every other failure is an {@link ArtifactException}.
 */
public interface ArtifactStore {

    /** The entry of that key, if there is one. */
    Optional<Artifact> find(String key);

    /** Whether there is an entry of that key. */
    default boolean exists(String key) {
        return find(key).isPresent();
    }

    /** Bytes of all these entries together; one that is not there counts nothing. */
    default long bytes(Collection<String> keys) {
        return keys.stream()
                .map(this::find)
                .flatMap(Optional::stream)
                .mapToLong(Artifact::bytes)
                .sum();
    }

    /** The content from its start; the caller closes the stream. */
    InputStream open(String key);

    /**
     * A part of the content; the caller closes the stream.
     *
     * @param offset first byte, at least 0
     * @param length number of bytes, at least 1; fewer come back when the content ends earlier
     */
    InputStream open(String key, long offset, long length);

    /** The whole content of a small entry. */
    byte[] read(String key);

    /**
     * Writes the content to a file that appears whole or not at all, and verifies the SHA-256 that was recorded when the
     * entry was put.
     */
    void download(String key, Path target);

    /**
     * Stores a file unless the key is taken.
     *
     * @return true when this call stored it, false when an entry was already there (and stays as it is)
     */
    boolean put(String key, Path file);

    /** Stores bytes unless the key is taken; see {@link #put(String, Path)}. */
    boolean put(String key, byte[] content);

    /**
     * Stores every file of a directory, in the order of their names, under the prefix.
     *
     * @param prefix such as {@code checkpoints/<digest>}, without the slash at its end
     */
    default void putDirectory(String prefix, Path directory) {
        for (Path file : Trees.files(directory)) {
            String name = directory.relativize(file).toString().replace(File.separatorChar, '/');
            put(prefix + "/" + name, file);
        }
    }

    /** All entries whose key starts with the prefix, in the order of their keys. A prefix may end with {@code /}. */
    List<Artifact> list(String prefix);

    /** Removes an entry, such as one that a cancelled job left; nothing happens when it is not there. */
    void delete(String key);
}
