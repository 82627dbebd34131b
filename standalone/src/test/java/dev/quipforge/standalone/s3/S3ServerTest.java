package dev.quipforge.standalone.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.minio.BucketExistsArgs;
import io.minio.GetObjectArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.errors.ErrorResponseException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class S3ServerTest {

    @TempDir
    private Path directory;

    @Test
    void anObjectIsThereAfterARestart() throws Exception {
        try (S3Server server = start()) {
            client(server, "secret")
                    .makeBucket(MakeBucketArgs.builder().bucket("artifacts").build());
            put(server, "models/a/config.json", "{}");
        }
        try (S3Server server = start()) {
            assertThat(get(server, "models/a/config.json")).isEqualTo("{}");
        }
    }

    @Test
    void anObjectIsWrittenOnce() throws Exception {
        try (S3Server server = start()) {
            client(server, "secret")
                    .makeBucket(MakeBucketArgs.builder().bucket("artifacts").build());
            put(server, "once", "first");
            assertThatThrownBy(() -> put(server, "once", "second"))
                    .isInstanceOfSatisfying(
                            ErrorResponseException.class,
                            e -> assertThat(e.response().code()).isEqualTo(412));
            assertThat(get(server, "once")).isEqualTo("first");
        }
    }

    @Test
    void aWrongSecretIsRefused() throws Exception {
        try (S3Server server = start()) {
            assertThatThrownBy(() -> client(server, "guess")
                            .bucketExists(BucketExistsArgs.builder()
                                    .bucket("artifacts")
                                    .build()))
                    .hasMessageContaining("signature");
        }
    }

    private S3Server start() throws Exception {
        return S3Server.start(directory, "quipforge", "secret");
    }

    private static MinioClient client(S3Server server, String secret) {
        return MinioClient.builder()
                .endpoint(server.endpoint().toString())
                .credentials("quipforge", secret)
                .build();
    }

    private static void put(S3Server server, String key, String text) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        client(server, "secret")
                .putObject(
                        PutObjectArgs.builder()
                                .bucket("artifacts")
                                .object(key)
                                .extraHeaders(Map.of("If-None-Match", "*"))
                                .stream(new ByteArrayInputStream(bytes), (long) bytes.length, -1L)
                                .build());
    }

    private static String get(S3Server server, String key) throws Exception {
        try (InputStream stream = client(server, "secret")
                .getObject(
                        GetObjectArgs.builder().bucket("artifacts").object(key).build())) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
