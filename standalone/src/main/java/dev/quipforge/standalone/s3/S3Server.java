package dev.quipforge.standalone.s3;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/** An S3 server whose buckets are folders. It listens on the loopback address only and asks for signed requests. */
public final class S3Server implements AutoCloseable {

    /** One request may carry this much without being signed chunk by chunk: the largest part the services send. */
    private static final long LARGEST_REQUEST = 1L << 30;

    private static final int THREADS = 16;

    private final S3Proxy server;

    private S3Server(S3Proxy server) {
        this.server = server;
    }

    /**
     * Starts the server on a free port.
     *
     * @param directory where buckets are kept
     * @param accessKey the one identity that is let in
     * @param secretKey its secret
     * @throws IOException if the server cannot be started
     */
    public static S3Server start(Path directory, String accessKey, String secretKey) throws IOException {
        Files.createDirectories(directory);
        S3Proxy server = S3Proxy.builder()
                .blobStore(new FilesystemNio2BlobStore(directory.toString()))
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, accessKey, secretKey)
                .v4MaxNonChunkedRequestSize(LARGEST_REQUEST)
                .jettyMaxThreads(THREADS)
                .stopTimeout(0)
                .build();
        try {
            server.start();
        } catch (Exception e) {
            throw new IOException(directory + ": the S3 server does not start: " + e.getMessage(), e);
        }
        return new S3Server(server);
    }

    /** Where the server listens, such as {@code http://127.0.0.1:40211}. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getPort());
    }

    @Override
    public void close() throws IOException {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IOException("the S3 server does not stop: " + e.getMessage(), e);
        }
    }
}
