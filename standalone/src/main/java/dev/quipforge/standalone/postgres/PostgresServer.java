package dev.quipforge.standalone.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server on a directory that survives restarts. It listens on the loopback address only and asks for a
 * password; there is no Unix socket. It does not outlive this process, however this process ends.
 */
public final class PostgresServer implements AutoCloseable {

    /** The superuser and the owner of everything. */
    public static final String USER = "quipforge";

    /** The database of the platform. */
    public static final String DATABASE = "quipforge";

    private static final Logger log = LoggerFactory.getLogger(PostgresServer.class);
    private static final long LOG_SIZE_TO_ROLL = 8L << 20;

    private final PostgresPrograms programs;
    private final PostgresWatch watch;
    private final int port;

    private PostgresServer(PostgresPrograms programs, PostgresWatch watch, int port) {
        this.programs = programs;
        this.watch = watch;
        this.port = port;
    }

    /**
     * Starts the server; creates the data directory and the database if they are new. A server that an earlier process left
     * behind on this directory is stopped first.
     *
     * @param directory holds the programs and the data; whoever calls this holds it exclusively
     * @param logFile where the server writes its log
     * @param port where to listen, on the loopback address
     * @param password the superuser's; decides only when the data directory is new
     * @throws IOException if the server does not start; the message holds what it said
     */
    public static PostgresServer start(Path directory, Path logFile, int port, String password) throws IOException {
        Files.createDirectories(directory);
        Path data = directory.resolve("data");
        PostgresPrograms programs = new PostgresPrograms(PostgresBinaries.unpack(directory.resolve("programs")), data);
        if (!Files.exists(data)) {
            initialize(programs, directory, data, password);
        }
        Leftover.of(data).clear(programs);
        roll(logFile);
        PostgresWatch watch = PostgresWatch.start(programs.stopCommand());
        try {
            programs.start(logFile, options(port));
            PostgresServer server = new PostgresServer(programs, watch, port);
            server.createDatabase(password);
            return server;
        } catch (IOException e) {
            // Not told that all is well, the watch stops what may have started.
            watch.abandon();
            throw new IOException(e.getMessage() + " (log: " + logFile + ")", e);
        }
    }

    /** Where JDBC finds the database. */
    public String jdbcUrl() {
        return jdbcUrl(DATABASE);
    }

    @Override
    public void close() throws IOException {
        programs.stop();
        watch.close();
    }

    private String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    private static void initialize(PostgresPrograms programs, Path directory, Path data, String password)
            throws IOException {
        Path draft = Files.createTempDirectory(directory, "data-draft-");
        Path passwordFile = Files.createTempFile(
                directory,
                "password-",
                ".tmp",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.writeString(passwordFile, password);
            programs.initialize(draft, USER, passwordFile);
            Files.move(draft, data, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(passwordFile);
        }
    }

    private void createDatabase(String password) throws IOException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl("postgres"), USER, password)) {
            if (!exists(connection)) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("create database " + DATABASE);
                }
                log.info("created database {}", DATABASE);
            }
        } catch (SQLException e) {
            throw new IOException("database " + DATABASE + ": " + e.getMessage(), e);
        }
    }

    private static boolean exists(Connection connection) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("select 1 from pg_database where datname = ?")) {
            query.setString(1, DATABASE);
            try (ResultSet rows = query.executeQuery()) {
                return rows.next();
            }
        }
    }

    private static void roll(Path logFile) throws IOException {
        if (Files.exists(logFile) && Files.size(logFile) > LOG_SIZE_TO_ROLL) {
            Files.move(
                    logFile, logFile.resolveSibling(logFile.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static String options(int port) {
        return SMALL.entrySet().stream()
                        .map(entry -> "-c " + entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(" "))
                + " -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c port=" + port;
    }

    /** Memory and processes of a server with one client. */
    private static final Map<String, String> SMALL = Map.ofEntries(
            Map.entry("shared_buffers", "32MB"),
            Map.entry("max_connections", "40"),
            Map.entry("work_mem", "4MB"),
            Map.entry("maintenance_work_mem", "16MB"),
            Map.entry("wal_level", "minimal"),
            Map.entry("max_wal_senders", "0"),
            Map.entry("min_wal_size", "32MB"),
            Map.entry("max_wal_size", "128MB"),
            Map.entry("max_parallel_workers", "0"),
            Map.entry("max_worker_processes", "1"),
            Map.entry("max_logical_replication_workers", "0"),
            Map.entry("autovacuum_max_workers", "1"),
            Map.entry("jit", "off"),
            Map.entry("timezone", "UTC"),
            Map.entry("log_line_prefix", "'%m [%p] '"));
}
