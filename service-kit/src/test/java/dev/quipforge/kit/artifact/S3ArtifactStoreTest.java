package dev.quipforge.kit.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

class S3ArtifactStoreTest extends ArtifactStoreContract {

    @TempDir
    static Path objects;

    private static S3Server server;
    private static S3ArtifactStore store;

    @BeforeAll
    static void start() {
        server = S3Server.start(objects);
        store = S3ArtifactStore.connect(server.properties());
    }

    @AfterAll
    static void stop() {
        store.close();
        server.close();
    }

    @Override
    protected ArtifactStore store() {
        return store;
    }

    @Test
    void aSecondConnectionFindsTheBucketThere() {
        store.put("shared/a.txt", "first".getBytes(UTF_8));
        try (S3ArtifactStore second = S3ArtifactStore.connect(server.properties())) {
            assertThat(second.exists("shared/a.txt")).isTrue();
        }
    }

    @Test
    void aContentThatChangedUnderTheServerIsRefused(@TempDir Path folder) throws IOException {
        store.put("corrupt/a.txt", "0123456789".getBytes(UTF_8));
        Files.writeString(objects.resolve("quipforge/corrupt/a.txt"), "0123456780");

        assertThatExceptionOfType(ArtifactException.class)
                .isThrownBy(() -> store.download("corrupt/a.txt", folder.resolve("a")))
                .withMessageContaining("corrupt/a.txt: sha256: ")
                .withMessageContaining("(expected: 84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882)");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aServerThatIsNotThereIsAnArtifactException() {
        ArtifactProperties there = server.properties();
        ArtifactProperties nowhere = new ArtifactProperties(
                URI.create("http://127.0.0.1:1"),
                there.accessKey(),
                there.secretKey(),
                there.bucket(),
                there.region(),
                there.partSize(),
                there.timeout());

        assertThatExceptionOfType(ArtifactException.class)
                .isThrownBy(() -> S3ArtifactStore.connect(nowhere))
                .withMessageContaining("bucket quipforge: the store did not answer: ");
    }

    @Test
    void aFileOfAnySizeHasAtMostTenThousandParts() {
        long part = DataSize.ofMegabytes(16).toBytes();

        assertThat(S3Upload.partBytes(part + 1, part)).isEqualTo(part);
        assertThat(S3Upload.partBytes(10_000 * part, part)).isEqualTo(part);
        assertThat(S3Upload.partBytes(10_000 * part + 1, part)).isEqualTo(part + 1);
        long largest = 5L << 40;
        int parts = S3Upload.partBytes(largest, part);
        assertThat(Math.ceilDiv(largest, parts)).isLessThanOrEqualTo(10_000);
        assertThat(parts).as("S3 takes 5 GB in one request").isLessThan(1_000_000_000);
    }

    /**
     * S3 takes at most 5 GB in one request, and this JVM has a heap of 1 GB. The timeout is the default of the product: the server puts
     * all parts together in one request.
     */
    @Test
    @Tag("slow")
    void aFileThatOneRequestCannotTakeComesBackWhole(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("shard.safetensors");
        long size = (5L << 30) + 1;
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(size);
            sparse.seek(size - 1);
            sparse.write(7);
        }

        try (S3ArtifactStore patient = S3ArtifactStore.connect(withTimeout(Duration.ofMinutes(5)))) {
            assertThat(patient.put("large/shard.safetensors", file)).isTrue();
            assertThat(patient.find("large/shard.safetensors")).contains(new Artifact("large/shard.safetensors", size));
            Files.delete(file);
            patient.download("large/shard.safetensors", file);
        }
        assertThat(Files.size(file)).isEqualTo(size);
        store.delete("large/shard.safetensors");
    }

    private static ArtifactProperties withTimeout(Duration timeout) {
        ArtifactProperties there = server.properties();
        return new ArtifactProperties(
                there.endpoint(),
                there.accessKey(),
                there.secretKey(),
                there.bucket(),
                there.region(),
                there.partSize(),
                timeout);
    }

    @Test
    void aListOfMoreThanOnePageIsWhole() {
        for (int i = 0; i < 1001; i++) {
            store.put("pages/%04d".formatted(i), new byte[] {1});
        }

        List<Artifact> listed = store.list("pages/");
        assertThat(listed).hasSize(1001);
        assertThat(listed.getLast().key()).isEqualTo("pages/1000");
    }
}
