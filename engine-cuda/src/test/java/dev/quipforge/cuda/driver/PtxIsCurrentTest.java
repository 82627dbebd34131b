package dev.quipforge.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The committed PTX is what the committed sources compile to. Without nvcc only the sources' hashes can be compared. */
class PtxIsCurrentTest {

    private static final Path SOURCES = Path.of("src/main/cuda");
    private static final String HASHES = "sha256";
    private static final Path PTX = Path.of("src/main/resources/dev/quipforge/cuda/ptx");

    @Test
    void thePtxIsThatOfTheSources() throws IOException, NoSuchAlgorithmException {
        List<String> hashes = new ArrayList<>();
        for (Path file : list(SOURCES, PTX)) {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
            hashes.add(HexFormat.of().formatHex(digest) + "  " + file.getFileName());
        }
        assertThat(Files.readAllLines(PTX.resolve(HASHES)))
                .as("run engine-cuda/build-ptx.sh and commit what it writes")
                .containsExactlyInAnyOrderElementsOf(hashes);
    }

    @Test
    void everySourceHasItsPtx() throws IOException {
        for (Path source : list(SOURCES)) {
            String name = source.getFileName().toString();
            if (name.endsWith(".cu")) {
                assertThat(PTX.resolve(name.replace(".cu", ".ptx"))).exists();
            }
        }
    }

    @Test
    @Tag("slow")
    void theCompilerGivesTheCommittedPtx(@TempDir Path directory) throws IOException, InterruptedException {
        assumeTrue(release().contains("release 13.0"), "nvcc 13.0, which made the PTX, is not here");
        Process build = new ProcessBuilder("./build-ptx.sh", directory.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(build.waitFor()).as(output).isZero();
        for (Path file : list(PTX)) {
            assertThat(directory.resolve(file.getFileName())).hasSameTextualContentAs(file);
        }
    }

    private static String release() throws InterruptedException {
        try {
            Process version = new ProcessBuilder("nvcc", "--version").start();
            String text = new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            version.waitFor();
            return text;
        } catch (IOException e) {
            return "";
        }
    }

    private static List<Path> list(Path... directories) throws IOException {
        List<Path> all = new ArrayList<>();
        for (Path directory : directories) {
            try (Stream<Path> files = Files.list(directory)) {
                files.filter(file -> !file.endsWith(HASHES)).forEach(all::add);
            }
        }
        return all;
    }
}
