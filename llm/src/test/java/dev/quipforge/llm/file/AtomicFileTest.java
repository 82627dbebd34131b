package dev.quipforge.llm.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

    @TempDir
    Path folder;

    private final List<String> forced = new ArrayList<>();

    /** A disk that notes what is forced to it, and whether {@code target} has its name yet. */
    private Disk noting(Path target) {
        return path -> {
            Disk.FORCED.force(path);
            String name = folder.relativize(path).toString().replaceAll("\\.draft-[-0-9a-f]+", "draft");
            forced.add((Files.exists(target) ? "after: " : "before: ") + name);
        };
    }

    @Test
    void aFileIsForcedBeforeItHasItsNameAndTheNameAfterIt() throws IOException {
        Path target = folder.resolve("file");
        AtomicFile.write(target, draft -> Files.writeString(draft, "content"), noting(target));
        assertThat(target).hasContent("content");
        assertThat(forced).containsExactly("before: draft", "after: ");
    }

    @Test
    void directoriesThatAreMadeForAFileAreForcedToo() throws IOException {
        Path target = folder.resolve("a/b/file");
        AtomicFile.write(target, draft -> Files.writeString(draft, "content"), noting(target));
        assertThat(forced).containsExactly("before: a/b/draft", "after: a/b", "after: a", "after: ");
    }

    @Test
    void everythingInADirectoryIsForcedBeforeItHasItsName() throws IOException {
        Path target = folder.resolve("directory");
        AtomicFile.writeDirectory(
                target,
                draft -> {
                    Files.writeString(draft.resolve("one"), "1");
                    AtomicFile.writeUnforced(draft.resolve("inner/two"), inner -> Files.writeString(inner, "2"));
                },
                noting(target));
        assertThat(target.resolve("inner/two")).hasContent("2");
        assertThat(forced)
                .containsExactlyInAnyOrder(
                        "before: draft",
                        "before: draft/one",
                        "before: draft/inner",
                        "before: draft/inner/two",
                        "after: ")
                .endsWith("after: ");
    }

    @Test
    void whatFailsLeavesNothing() throws IOException {
        Path target = folder.resolve("file");
        AtomicFile.writeText(target, "old");
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> AtomicFile.write(target, draft -> {
                    Files.writeString(draft, "half");
                    throw new IOException("full");
                }))
                .withMessage(target + ": cannot be written");
        assertThat(target).hasContent("old");
        try (Stream<Path> all = Files.list(folder)) {
            assertThat(all).containsExactly(target);
        }
    }

    @Test
    void aDirectoryThatHoldsSomethingIsLeftAlone() throws IOException {
        Files.writeString(folder.resolve("file"), "mine");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AtomicFile.writeDirectory(folder, draft -> {}))
                .withMessage(folder + ": exists already (expected: absent or an empty directory)");
    }
}
