package dev.quipforge.kit.artifact;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes local directories of the artifacts of a prefix, each once: a draft is filled, forced to the disk and moved into
 * place, under a lock that also holds against other processes. What has its place is whole, after a loss of power too.
 */
public final class ArtifactCache {

    private static final Logger LOG = LoggerFactory.getLogger(ArtifactCache.class);
    private static final String LOCK = ".lock";

    private final ArtifactStore store;
    private final Path entries;
    private final Path drafts;
    private final Path scratch;
    private final long limit;
    private final Clock clock;

    /** A cache in an existing or new directory. */
    public ArtifactCache(ArtifactStore store, CacheProperties properties, Clock clock) {
        this.store = store;
        Path root = properties.directory().toAbsolutePath().normalize();
        this.entries = root.resolve("entries");
        this.drafts = root.resolve("drafts");
        this.scratch = root.resolve("scratch");
        this.limit = properties.size().toBytes();
        this.clock = clock;
        try {
            for (Path directory : List.of(entries, drafts, scratch)) {
                Files.createDirectories(directory);
            }
            removeLeftovers(drafts);
            removeLeftovers(scratch);
        } catch (IOException e) {
            throw new ArtifactException(root.toString(), "cannot be a cache: " + e.getMessage(), e);
        }
    }

    /**
     * The artifacts under a prefix as a directory, downloaded if it is not there yet. Close it after use.
     *
     * @param prefix such as {@code models/<digest>}, without the slash at its end
     * @throws ArtifactException when there are none
     * @throws DiskSpaceException when the disk has less free than they take
     */
    public CachedDirectory open(String prefix) {
        Path directory = entries.resolve(Digests.sha256(prefix.getBytes(StandardCharsets.UTF_8)));
        CacheEntry entry = CacheEntry.of(directory);
        try {
            Path path = entry.acquire(target -> fill(prefix, target));
            Files.setLastModifiedTime(path, FileTime.from(clock.instant()));
            return new CachedDirectory(path, entry::release);
        } catch (IOException e) {
            throw new ArtifactException(prefix, "cannot be cached: " + e.getMessage(), e);
        }
    }

    /** An empty directory for the files of one task. Close it after use. */
    public ScratchDirectory scratch() {
        try {
            return new ScratchDirectory(Files.createTempDirectory(scratch, ownPrefix()));
        } catch (IOException e) {
            throw new ArtifactException(scratch.toString(), "cannot be written: " + e.getMessage(), e);
        }
    }

    private void fill(String prefix, Path target) throws IOException {
        List<Artifact> artifacts = store.list(prefix + "/");
        if (artifacts.isEmpty()) {
            throw new ArtifactException(prefix, "is not in the store");
        }
        long bytes = artifacts.stream().mapToLong(Artifact::bytes).sum();
        makeRoom(bytes);
        Trees.requireFree(drafts, bytes, "a copy of " + prefix);
        Path draft = Files.createTempDirectory(drafts, ownPrefix());
        try {
            for (Artifact artifact : artifacts) {
                Path file = draft.resolve(artifact.key().substring(prefix.length() + 1));
                Files.createDirectories(file.getParent());
                store.download(artifact.key(), file);
            }
            Trees.force(draft);
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
            Trees.forceOne(entries);
        } finally {
            Trees.delete(draft);
        }
        LOG.info("cached: prefix={} files={}", prefix, artifacts.size());
    }

    private void makeRoom(long needed) throws IOException {
        List<Path> oldestFirst = new ArrayList<>();
        try (Stream<Path> all = Files.list(entries)) {
            all.filter(path -> !path.toString().endsWith(LOCK)).forEach(oldestFirst::add);
        }
        oldestFirst.sort(Comparator.comparing(ArtifactCache::lastUse));
        long used = 0;
        for (Path directory : oldestFirst) {
            used += Trees.bytes(directory);
        }
        for (Path directory : oldestFirst) {
            if (used + needed <= limit) {
                return;
            }
            long bytes = Trees.bytes(directory);
            if (CacheEntry.of(directory).remove()) {
                used -= bytes;
                LOG.info("evicted: directory={} bytes={}", directory.getFileName(), bytes);
            }
        }
    }

    private static FileTime lastUse(Path directory) {
        try {
            return Files.getLastModifiedTime(directory);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }

    private static String ownPrefix() {
        return ProcessHandle.current().pid() + "-";
    }

    /** Removes what processes that are gone have left. */
    private static void removeLeftovers(Path directory) throws IOException {
        List<Path> all;
        try (Stream<Path> listed = Files.list(directory)) {
            all = listed.toList();
        }
        for (Path path : all) {
            if (owner(path).flatMap(ProcessHandle::of).isEmpty()) {
                Trees.delete(path);
            }
        }
    }

    private static Optional<Long> owner(Path path) {
        String name = path.getFileName().toString();
        int end = name.indexOf('-');
        try {
            return end < 0 ? Optional.empty() : Optional.of(Long.parseLong(name.substring(0, end)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
