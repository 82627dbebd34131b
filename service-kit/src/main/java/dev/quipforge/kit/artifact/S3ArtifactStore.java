package dev.quipforge.kit.artifact;

import io.minio.BucketExistsArgs;
import io.minio.GetObjectArgs;
import io.minio.ListObjectsArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioAsyncClient;
import io.minio.RemoveObjectArgs;
import io.minio.Result;
import io.minio.StatObjectArgs;
import io.minio.StatObjectResponse;
import io.minio.errors.MinioException;
import io.minio.messages.Item;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The artifact store on an S3 server. Write-once is the server's work ({@code If-None-Match: *} on the request that makes
 * the object appear); the SHA-256 of the content travels as user metadata.
 */
public final class S3ArtifactStore implements ArtifactStore, AutoCloseable {

    /** User metadata that holds the SHA-256 of the content, hexadecimal. */
    static final String DIGEST = "sha256";

    private final MinioAsyncClient client;
    private final String bucket;
    private final S3Upload upload;

    /** A store in an existing bucket; see {@link #connect}. */
    S3ArtifactStore(MinioAsyncClient client, String bucket, long partSize) {
        this.client = client;
        this.bucket = bucket;
        this.upload = new S3Upload(client, bucket, partSize);
    }

    /** Connects to the server and makes the bucket when it is missing. */
    public static S3ArtifactStore connect(ArtifactProperties properties) {
        MinioAsyncClient client = MinioAsyncClient.builder()
                .endpoint(properties.endpoint().toString())
                .credentials(properties.accessKey(), properties.secretKey())
                .region(properties.region())
                .build();
        client.setTimeout(
                properties.timeout().toMillis(),
                properties.timeout().toMillis(),
                properties.timeout().toMillis());
        boolean connected = false;
        try {
            ensureBucket(client, properties.bucket());
            connected = true;
        } finally {
            if (!connected) {
                client.close();
            }
        }
        return new S3ArtifactStore(
                client, properties.bucket(), properties.partSize().toBytes());
    }

    private static void ensureBucket(MinioAsyncClient client, String bucket) {
        try {
            if (!S3Calls.await(client.bucketExists(
                    BucketExistsArgs.builder().bucket(bucket).build()))) {
                S3Calls.await(client.makeBucket(
                        MakeBucketArgs.builder().bucket(bucket).build()));
            }
        } catch (S3Calls.Refused e) {
            if (!e.code().equals("BucketAlreadyOwnedByYou") && !e.code().equals("BucketAlreadyExists")) {
                throw new ArtifactException("bucket " + bucket, e.sentence(), e);
            }
        }
    }

    @Override
    public Optional<Artifact> find(String key) {
        return stat(key).map(stat -> new Artifact(key, stat.size()));
    }

    @Override
    public InputStream open(String key) {
        return get(
                GetObjectArgs.builder()
                        .bucket(bucket)
                        .object(ArtifactKeys.checked(key))
                        .build(),
                key);
    }

    @Override
    public InputStream open(String key, long offset, long length) {
        return get(
                GetObjectArgs.builder()
                        .bucket(bucket)
                        .object(ArtifactKeys.checked(key))
                        .offset(offset)
                        .length(length)
                        .build(),
                key);
    }

    private InputStream get(GetObjectArgs arguments, String key) {
        try {
            return S3Calls.await(client.getObject(arguments));
        } catch (S3Calls.Refused e) {
            throw fault(key, e);
        }
    }

    @Override
    public byte[] read(String key) {
        try (InputStream content = open(key)) {
            return content.readAllBytes();
        } catch (IOException e) {
            throw new ArtifactException(key, "cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void download(String key, Path target) {
        StatObjectResponse stat = stat(key).orElseThrow(() -> new ArtifactException(key, "is not in the store"));
        try {
            Path draft = Files.createTempFile(target.toAbsolutePath().getParent(), "draft-", ".tmp");
            try {
                copyVerified(key, stat, draft);
                Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(draft);
            }
        } catch (IOException e) {
            throw new ArtifactException(key, "cannot be downloaded to " + target + ": " + e.getMessage(), e);
        }
    }

    private void copyVerified(String key, StatObjectResponse stat, Path draft) throws IOException {
        try (InputStream content = open(key);
                DigestOutputStream file = new DigestOutputStream(Files.newOutputStream(draft), Digests.sha256())) {
            content.transferTo(file);
            String actual = Digests.hex(file.getMessageDigest());
            String expected = stat.userMetadata().getFirst(DIGEST);
            if (expected != null && !expected.equals(actual)) {
                throw new ArtifactException(key, "sha256: %s (expected: %s)".formatted(actual, expected));
            }
        }
    }

    @Override
    public boolean put(String key, Path file) {
        ArtifactKeys.checked(key);
        return !exists(key) && upload.file(key, file);
    }

    @Override
    public boolean put(String key, byte[] content) {
        ArtifactKeys.checked(key);
        return upload.bytes(key, content);
    }

    @Override
    public List<Artifact> list(String prefix) {
        Iterable<Result<Item>> results = client.listObjects(ListObjectsArgs.builder()
                .bucket(bucket)
                .prefix(ArtifactKeys.checkedPrefix(prefix))
                .recursive(true)
                .build());
        List<Artifact> artifacts = new ArrayList<>();
        try {
            for (Result<Item> result : results) {
                Item item = result.get();
                artifacts.add(new Artifact(item.objectName(), item.size()));
            }
        } catch (MinioException e) {
            throw new ArtifactException(prefix, "cannot be listed: " + e.getMessage(), e);
        }
        artifacts.sort(Comparator.comparing(Artifact::key));
        return artifacts;
    }

    @Override
    public void delete(String key) {
        try {
            S3Calls.await(client.removeObject(RemoveObjectArgs.builder()
                    .bucket(bucket)
                    .object(ArtifactKeys.checked(key))
                    .build()));
        } catch (S3Calls.Refused e) {
            throw fault(key, e);
        }
    }

    private Optional<StatObjectResponse> stat(String key) {
        try {
            return Optional.of(S3Calls.await(client.statObject(StatObjectArgs.builder()
                    .bucket(bucket)
                    .object(ArtifactKeys.checked(key))
                    .build())));
        } catch (S3Calls.Refused e) {
            if (e.absent()) {
                return Optional.empty();
            }
            throw fault(key, e);
        }
    }

    private static ArtifactException fault(String key, S3Calls.Refused e) {
        return new ArtifactException(key, e.absent() ? "is not in the store" : e.sentence(), e);
    }

    @Override
    public void close() {
        client.close();
    }
}
