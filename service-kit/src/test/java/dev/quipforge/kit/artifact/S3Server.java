package dev.quipforge.kit.artifact;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.springframework.util.unit.DataSize;

/** A real S3 server on a folder, on a free port of this machine. */
public final class S3Server implements AutoCloseable {

    private static final String ACCESS_KEY = "quipforge";
    private static final String SECRET_KEY = "quipforge-secret";

    private final S3Proxy proxy;

    private S3Server(S3Proxy proxy) {
        this.proxy = proxy;
    }

    /** Starts a server that keeps its objects in the folder. */
    public static S3Server start(Path folder) {
        BlobStore store = new FilesystemNio2BlobStore(folder.toString());
        S3Proxy proxy = S3Proxy.builder()
                .blobStore(store)
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V4, ACCESS_KEY, SECRET_KEY)
                .ignoreUnknownHeaders(true)
                .build();
        try {
            proxy.start();
        } catch (Exception e) {
            throw new IllegalStateException("the S3 server does not start", e);
        }
        return new S3Server(proxy);
    }

    /** How to reach it. */
    public ArtifactProperties properties() {
        return new ArtifactProperties(
                URI.create(endpoint()),
                ACCESS_KEY,
                SECRET_KEY,
                "quipforge",
                "us-east-1",
                DataSize.ofMegabytes(5),
                Duration.ofSeconds(30));
    }

    /** The same as Spring properties, {@code name=value}. */
    public String[] springProperties() {
        return new String[] {
            "quipforge.artifacts.endpoint=" + endpoint(),
            "quipforge.artifacts.access-key=" + ACCESS_KEY,
            "quipforge.artifacts.secret-key=" + SECRET_KEY
        };
    }

    private String endpoint() {
        return "http://127.0.0.1:" + proxy.getPort();
    }

    @Override
    public void close() {
        try {
            proxy.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the S3 server does not stop", e);
        }
    }
}
