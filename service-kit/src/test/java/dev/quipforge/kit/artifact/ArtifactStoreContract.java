package dev.quipforge.kit.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every artifact store promises. An adapter passes by extending this. */
public abstract class ArtifactStoreContract {

    @TempDir
    Path folder;

    /** The store under test; each test uses keys of its own. */
    protected abstract ArtifactStore store();

    @Test
    void whatIsPutCanBeFoundAndRead() {
        assertThat(store().put("found/a.txt", "first".getBytes(UTF_8))).isTrue();

        assertThat(store().find("found/a.txt")).contains(new Artifact("found/a.txt", 5));
        assertThat(store().read("found/a.txt")).asString(UTF_8).isEqualTo("first");
        assertThat(store().exists("found/b.txt")).isFalse();
    }

    @Test
    void theSecondPutOfAKeyChangesNothing() throws IOException {
        store().put("once/a.txt", "first".getBytes(UTF_8));
        Path file = Files.writeString(folder.resolve("second"), "second");

        assertThat(store().put("once/a.txt", "second".getBytes(UTF_8))).isFalse();
        assertThat(store().put("once/a.txt", file)).isFalse();
        assertThat(store().read("once/a.txt")).asString(UTF_8).isEqualTo("first");
    }

    @Test
    void ofManyWritersAtOnceOneWins() throws Exception {
        List<Callable<Boolean>> writers = new ArrayList<>();
        for (int writer = 0; writer < 8; writer++) {
            byte[] content = ("writer " + writer).getBytes(UTF_8);
            writers.add(() -> store().put("race/a.txt", content));
        }
        int winners = 0;
        try (ExecutorService executor = Executors.newFixedThreadPool(8)) {
            for (Future<Boolean> outcome : executor.invokeAll(writers)) {
                winners += outcome.get() ? 1 : 0;
            }
        }

        assertThat(winners).isEqualTo(1);
        assertThat(store().read("race/a.txt")).asString(UTF_8).matches("writer \\d");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5 << 20, (5 << 20) + 1, 11 << 20})
    void aFileOfAnySizeComesBackWhole(int size) throws IOException {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        Path file = Files.write(folder.resolve("original"), content);
        Path copy = folder.resolve("copy");
        String key = "sizes/" + size;

        assertThat(store().put(key, file)).isTrue();
        assertThat(store().put(key, file)).isFalse();
        store().download(key, copy);

        assertThat(copy).hasBinaryContent(content);
        assertThat(store().find(key)).contains(new Artifact(key, size));
        try (var left = Files.list(folder)) {
            assertThat(left).containsExactlyInAnyOrder(file, copy);
        }
    }

    @Test
    void aRangeIsWhatItSays() throws IOException {
        store().put("range/a.txt", "0123456789".getBytes(UTF_8));

        try (InputStream middle = store().open("range/a.txt", 3, 4);
                InputStream end = store().open("range/a.txt", 8, 100)) {
            assertThat(middle.readAllBytes()).asString(UTF_8).isEqualTo("3456");
            assertThat(end.readAllBytes()).asString(UTF_8).isEqualTo("89");
        }
    }

    @Test
    void aListHoldsThePrefixAndNothingElseInOrder() {
        for (String key : List.of("list/b/2", "list/a/1", "list/b/10", "listed/c")) {
            store().put(key, key.getBytes(UTF_8));
        }

        assertThat(store().list("list/"))
                .containsExactly(
                        new Artifact("list/a/1", 8), new Artifact("list/b/10", 9), new Artifact("list/b/2", 8));
        assertThat(store().list("list/b/")).extracting(Artifact::key).containsExactly("list/b/10", "list/b/2");
        assertThat(store().list("nothing/")).isEmpty();
    }

    @Test
    void aDirectoryIsStoredWithAllThatIsInIt() throws IOException {
        Path directory = Files.createDirectories(folder.resolve("tree/0"));
        Files.writeString(directory.resolve("a"), "a");
        Files.writeString(folder.resolve("tree/b"), "bb");

        store().putDirectory("trees/t", folder.resolve("tree"));

        assertThat(store().list("trees/"))
                .containsExactly(new Artifact("trees/t/0/a", 1), new Artifact("trees/t/b", 2));
    }

    @Test
    void whatIsDeletedIsGoneAndCanBePutAgain() {
        store().put("gone/a.txt", "first".getBytes(UTF_8));
        store().delete("gone/a.txt");
        store().delete("gone/never");

        assertThat(store().exists("gone/a.txt")).isFalse();
        assertThat(store().put("gone/a.txt", "second".getBytes(UTF_8))).isTrue();
    }

    @Test
    void whatIsNotThereSaysSo() {
        assertThatExceptionOfType(ArtifactException.class)
                .isThrownBy(() -> store().open("missing/a.txt"))
                .withMessage("missing/a.txt: is not in the store");
        assertThatExceptionOfType(ArtifactException.class)
                .isThrownBy(() -> store().download("missing/a.txt", folder.resolve("a")))
                .withMessage("missing/a.txt: is not in the store");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/a", "a/", "a//b", "../a", "a/../b", "a/./b", "a/..", ".", "a\\b", "a b", "ä", "a\n"})
    void aKeyThatIsNoRelativePathIsRefused(String key) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store().exists(key))
                .withMessageStartingWith("artifact key: \"" + key + "\" (expected: a relative path");
        assertThatIllegalArgumentException().isThrownBy(() -> store().put(key, new byte[0]));
        assertThatIllegalArgumentException().isThrownBy(() -> store().open(key));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a", "../", "a/../", "a//"})
    void aPrefixThatLeavesTheStoreIsRefused(String prefix) {
        assertThatIllegalArgumentException().isThrownBy(() -> store().list(prefix));
    }
}
