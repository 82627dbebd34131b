package dev.quipforge.kit.artifact;

import io.minio.AbortMultipartUploadArgs;
import io.minio.CompleteMultipartUploadArgs;
import io.minio.CreateMultipartUploadArgs;
import io.minio.Http;
import io.minio.MinioAsyncClient;
import io.minio.PutObjectArgs;
import io.minio.UploadPartArgs;
import io.minio.messages.Part;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Conditional uploads. A small file is one request; a large one goes in parts, and the condition stands on the request
 * that completes it, because only then does the object appear.
 */
final class S3Upload {

    private static final Map<String, String> UNLESS_THERE = Map.of("If-None-Match", "*");
    /** More parts than this one object cannot have. */
    private static final long MOST_PARTS = 10_000;

    private static final String USER_METADATA = "x-amz-meta-";

    private final MinioAsyncClient client;
    private final String bucket;
    private final long partSize;

    S3Upload(MinioAsyncClient client, String bucket, long partSize) {
        this.client = client;
        this.bucket = bucket;
        this.partSize = partSize;
    }

    boolean bytes(String key, byte[] content) {
        return unlessTaken(
                key,
                () -> S3Calls.await(client.putObject(request(key, Digests.sha256(content))
                        .data(content, content.length)
                        .build())));
    }

    boolean file(String key, Path file) {
        try {
            String digest = Digests.sha256(file);
            long size = Files.size(file);
            if (size > partSize) {
                return unlessTaken(key, () -> inParts(key, file, size, digest));
            }
            try (InputStream content = Files.newInputStream(file)) {
                return unlessTaken(
                        key,
                        () -> S3Calls.await(client.putObject(
                                request(key, digest).stream(content, size, -1L).build())));
            }
        } catch (IOException e) {
            throw new ArtifactException(key, "cannot be read from " + file + ": " + e.getMessage(), e);
        }
    }

    private PutObjectArgs.Builder request(String key, String digest) {
        return PutObjectArgs.builder()
                .bucket(bucket)
                .object(key)
                .extraHeaders(UNLESS_THERE)
                .userMetadata(Map.of(S3ArtifactStore.DIGEST, digest));
    }

    private void inParts(String key, Path file, long size, String digest) throws S3Calls.Refused, IOException {
        String upload = S3Calls.await(client.createMultipartUpload(CreateMultipartUploadArgs.builder()
                        .bucket(bucket)
                        .object(key)
                        .headers(new Http.Headers(Map.of(USER_METADATA + S3ArtifactStore.DIGEST, digest)))
                        .build()))
                .result()
                .uploadId();
        boolean complete = false;
        try {
            List<Part> parts = parts(key, file, size, upload);
            S3Calls.await(client.completeMultipartUpload(CompleteMultipartUploadArgs.builder()
                    .bucket(bucket)
                    .object(key)
                    .uploadId(upload)
                    .parts(parts.toArray(Part[]::new))
                    .extraHeaders(UNLESS_THERE)
                    .build()));
            complete = true;
        } finally {
            if (!complete) {
                abort(key, upload);
            }
        }
    }

    /** Bytes of a part of a file: as asked for, or more where the file would have too many. One part is in memory at a time. */
    static int partBytes(long size, long partSize) {
        return Math.toIntExact(Math.max(partSize, Math.ceilDiv(size, MOST_PARTS)));
    }

    private List<Part> parts(String key, Path file, long size, String upload) throws S3Calls.Refused, IOException {
        int partBytes = partBytes(size, partSize);
        List<Part> parts = new ArrayList<>();
        try (InputStream content = Files.newInputStream(file)) {
            byte[] buffer = new byte[partBytes];
            for (int length; (length = content.readNBytes(buffer, 0, partBytes)) > 0; ) {
                parts.add(S3Calls.await(client.uploadPart(UploadPartArgs.builder()
                                .bucket(bucket)
                                .object(key)
                                .uploadId(upload)
                                .partNumber(parts.size() + 1)
                                .data(buffer, length)
                                .build()))
                        .part());
            }
        }
        return parts;
    }

    /** Best effort: an upload that is left open takes space but shows no object. */
    private void abort(String key, String upload) {
        var _ = client.abortMultipartUpload(AbortMultipartUploadArgs.builder()
                        .bucket(bucket)
                        .object(key)
                        .uploadId(upload)
                        .build())
                .handle((done, failed) -> null);
    }

    private static boolean unlessTaken(String key, Write write) {
        try {
            write.run();
            return true;
        } catch (S3Calls.Refused e) {
            if (e.taken()) {
                return false;
            }
            throw new ArtifactException(key, e.sentence(), e);
        } catch (IOException e) {
            throw new ArtifactException(key, "cannot be stored: " + e.getMessage(), e);
        }
    }

    /** One upload. */
    @FunctionalInterface
    private interface Write {
        void run() throws S3Calls.Refused, IOException;
    }
}
