package dev.quipforge.standalone.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {

    @TempDir
    private Path directory;

    @Test
    void secretsAreMadeOnceAndOnlyTheirOwnerMayReadThem() throws IOException {
        DataDirectory data = DataDirectory.open(directory.resolve("data"));
        Credentials first = Credentials.of(data);
        assertThat(Credentials.of(data)).isEqualTo(first);
        assertThat(first.accessKey()).isNotEqualTo(first.secretKey()).hasSize(40);
        assertThat(first.toString()).doesNotContain(first.secretKey());
        assertThat(Files.getPosixFilePermissions(data.credentialsFile()))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(Files.getPosixFilePermissions(data.root())).isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void aDirectoryIsUsedByOneProcessAtATime() throws IOException {
        DataDirectory data = DataDirectory.open(directory);
        InstanceLock lock = InstanceLock.take(data);
        assertThatThrownBy(() -> InstanceLock.take(data))
                .isInstanceOf(InstanceLock.AlreadyRunningException.class)
                .hasMessage(directory + ": already running as pid "
                        + ProcessHandle.current().pid());
        lock.close();
        InstanceLock.take(data).close();
    }

    @Test
    void aFileIsNoDataDirectory() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> DataDirectory.open(file)).hasMessageContaining(file + ": is not a folder");
    }

    @Test
    void theStateIsWrittenAndTakenBack() throws IOException {
        DataDirectory data = DataDirectory.open(directory);
        new StateFile(7, URI.create("http://localhost:8080"), Instant.EPOCH).write(data);
        assertThat(data.stateFile())
                .content()
                .isEqualTo("{\"pid\":7,\"url\":\"http://localhost:8080\",\"started\":\"1970-01-01T00:00:00Z\"}");
        StateFile.remove(data);
        assertThat(data.stateFile()).doesNotExist();
    }

    @Test
    void aBusyPortIsNamed() throws IOException {
        InetAddress address = InetAddress.getLoopbackAddress();
        try (ServerSocket busy = new ServerSocket(0, 1, address)) {
            assertThatThrownBy(() -> Ports.choose(address, busy.getLocalPort()))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("port: " + busy.getLocalPort() + " is in use");
        }
        assertThat(Ports.choose(address, 0)).isPositive();
    }
}
