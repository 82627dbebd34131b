package dev.quipforge.standalone.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import tools.jackson.databind.json.JsonMapper;

/**
 * Secrets of one data directory: nobody chooses them and nobody needs to know them.
 *
 * @param databasePassword of PostgreSQL's superuser
 * @param accessKey identity at the S3 server
 * @param secretKey secret at the S3 server
 */
public record Credentials(String databasePassword, String accessKey, String secretKey) {

    private static final int BYTES = 20;
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Reads the secrets of a data directory; makes them, readable by its owner only, if it is new. */
    public static Credentials of(DataDirectory directory) throws IOException {
        Path file = directory.credentialsFile();
        if (!Files.exists(file)) {
            SecureRandom random = new SecureRandom();
            write(new Credentials(secret(random), secret(random), secret(random)), file);
        }
        return JSON.readValue(Files.readString(file), Credentials.class);
    }

    @Override
    public String toString() {
        return "Credentials[...]";
    }

    private static void write(Credentials credentials, Path file) throws IOException {
        Path draft = Files.createTempFile(
                file.toAbsolutePath().getParent(),
                "draft-",
                ".tmp",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(draft, JSON.writeValueAsString(credentials));
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String secret(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
