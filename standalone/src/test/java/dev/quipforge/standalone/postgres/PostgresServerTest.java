package dev.quipforge.standalone.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quipforge.standalone.data.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresServerTest {

    private static final String PASSWORD = "only-in-this-test";

    /** Unpacked once for all tests. */
    @TempDir
    private static Path programs;

    @TempDir
    private Path directory;

    @BeforeEach
    void sharePrograms() throws IOException {
        Files.createSymbolicLink(directory.resolve("programs"), programs);
    }

    @Test
    void aTableIsThereAfterARestartAndAWrongPasswordIsRefused() throws Exception {
        try (PostgresServer server = start(directory)) {
            execute(server, "create table kept as select 42 as answer");
            assertThatThrownBy(() -> DriverManager.getConnection(server.jdbcUrl(), PostgresServer.USER, "guess"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
        }
        assertThat(directory.resolve("data/postmaster.pid")).doesNotExist();
        try (PostgresServer server = start(directory)) {
            assertThat(answer(server)).isEqualTo(42);
        }
    }

    @Test
    void theServerDoesNotOutliveAKilledProcess() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        PostgresUntilKilled.class.getName(),
                        directory.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(process.inputReader().lines().filter("started"::equals).findFirst())
                .isPresent();
        ProcessHandle postmaster = postmaster().orElseThrow();
        process.destroyForcibly();
        postmaster.onExit().get(30, TimeUnit.SECONDS);
        assertThat(postmaster.isAlive()).isFalse();
    }

    @Test
    void aServerLeftBehindIsStoppedAndAForeignPidFileIsRemoved() throws Exception {
        try (PostgresServer server = start(directory)) {
            execute(server, "create table kept as select 42 as answer");
            ProcessHandle abandoned = postmaster().orElseThrow();
            try (PostgresServer successor = start(directory)) {
                abandoned.onExit().get(30, TimeUnit.SECONDS);
                assertThat(answer(successor)).isEqualTo(42);
            }
            // What a crash leaves when the process number has been given to another program: here, to this test.
            Files.writeString(
                    directory.resolve("data/postmaster.pid"),
                    ProcessHandle.current().pid() + "\n");
            try (PostgresServer successor = start(directory)) {
                assertThat(answer(successor)).isEqualTo(42);
            }
        } catch (IOException e) {
            assertThat(e).as("closing the abandoned server").hasMessageContaining("pg_ctl");
        }
    }

    static PostgresServer start(Path directory) throws IOException {
        return PostgresServer.start(
                directory, directory.resolve("postgres.log"), Ports.free(1).getFirst(), PASSWORD);
    }

    private Optional<ProcessHandle> postmaster() throws IOException {
        List<String> lines = Files.readAllLines(directory.resolve("data/postmaster.pid"));
        return ProcessHandle.of(Long.parseLong(lines.getFirst().strip()));
    }

    private static void execute(PostgresServer server, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.jdbcUrl(), PostgresServer.USER, PASSWORD);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int answer(PostgresServer server) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.jdbcUrl(), PostgresServer.USER, PASSWORD);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select answer from kept")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    /** Starts a server and waits to be killed. */
    static final class PostgresUntilKilled {

        public static void main(String[] arguments) throws Exception {
            start(Path.of(arguments[0]));
            System.out.println("started");
            Thread.sleep(Duration.ofMinutes(2));
        }
    }
}
