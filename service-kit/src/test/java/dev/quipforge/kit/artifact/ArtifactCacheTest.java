package dev.quipforge.kit.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

class ArtifactCacheTest {

    @TempDir
    static Path objects;

    @TempDir
    Path root;

    private static S3Server server;
    private static S3ArtifactStore store;

    @BeforeAll
    static void start() {
        server = S3Server.start(objects);
        store = S3ArtifactStore.connect(server.properties());
        for (String model : List.of("one", "two", "three")) {
            store.put("models/" + model + "/config.json", model.getBytes(UTF_8));
            store.put("models/" + model + "/deep/weights", new byte[1000]);
        }
        store.put("models/one-and-more/config.json", new byte[1]);
    }

    @AfterAll
    static void stop() {
        store.close();
        server.close();
    }

    @Test
    void aPrefixBecomesADirectoryOfItsFilesAndNoOthers() throws IOException {
        try (CachedDirectory model = cache(10_000, 0).open("models/one")) {
            assertThat(model.path().resolve("config.json")).hasContent("one");
            try (Stream<Path> files = Files.walk(model.path())) {
                assertThat(files.filter(Files::isRegularFile)).hasSize(2);
            }
        }
    }

    @Test
    void aDiskThatIsTooSmallIsSaidSoWithDirectoryNeedAndWhatIsFree() {
        try (ScratchDirectory scratch = cache(10_000, 0).scratch()) {
            scratch.requireFree(1, "a byte");
            assertThatExceptionOfType(DiskSpaceException.class)
                    .isThrownBy(() -> scratch.requireFree(7_000_000_000_000_000L, "calibrating models/one"))
                    .withMessageMatching(
                            Pattern.quote(scratch.path() + ": calibrating models/one needs 7000000.000 GB here, ")
                                    + "[0-9.]+ GB are free \\(expected: room on this disk, or a directory on a larger one\\)");
        }
    }

    @Test
    void aDirectoryIsFilledOnceForAllWhoAsk() throws Exception {
        List<Callable<CachedDirectory>> asking = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            ArtifactCache cache = cache(10_000, i);
            asking.add(() -> cache.open("models/two"));
        }
        List<Path> paths = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(6)) {
            for (Future<CachedDirectory> opened : executor.invokeAll(asking)) {
                try (CachedDirectory directory = opened.get()) {
                    paths.add(directory.path());
                }
            }
        }

        assertThat(paths).hasSize(6).containsOnly(paths.getFirst());
        try (Stream<Path> left = Files.list(root.resolve("drafts"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void theLeastRecentlyUsedGoesFirstAndWhatIsInUseStays() {
        try (CachedDirectory one = cache(2500, 1).open("models/one")) {
            Path two;
            try (CachedDirectory unused = cache(2500, 2).open("models/two")) {
                two = unused.path();
            }
            try (CachedDirectory three = cache(2500, 3).open("models/three")) {
                assertThat(one.path()).isDirectory();
                assertThat(two).doesNotExist();
                assertThat(three.path()).isDirectory();
            }
        }
        try (CachedDirectory again = cache(2500, 4).open("models/two")) {
            assertThat(again.path().resolve("config.json")).hasContent("two");
        }
    }

    @Test
    void aPrefixWithNothingUnderItIsNotThere() {
        assertThatExceptionOfType(ArtifactException.class)
                .isThrownBy(() -> cache(10_000, 0).open("models/none"))
                .withMessage("models/none: is not in the store");
    }

    @Test
    void scratchGoesWithItsFilesAndThatOfTheDeadWithTheNextStart() throws IOException {
        Path left;
        try (ScratchDirectory scratch = cache(10_000, 0).scratch()) {
            left = scratch.path();
            Files.writeString(Files.createDirectories(left.resolve("a/b")).resolve("c"), "c");
        }
        assertThat(left).doesNotExist();

        Path dead = root.resolve("scratch/999999999-x");
        Files.createDirectories(dead.resolve("y"));
        Path alive = Files.createDirectories(
                root.resolve("scratch/" + ProcessHandle.current().pid() + "-x"));
        cache(10_000, 0);
        assertThat(dead).doesNotExist();
        assertThat(alive).exists();
    }

    private ArtifactCache cache(long bytes, long now) {
        return new ArtifactCache(
                store,
                new CacheProperties(root, DataSize.ofBytes(bytes)),
                Clock.fixed(Instant.ofEpochSecond(now), ZoneOffset.UTC));
    }
}
