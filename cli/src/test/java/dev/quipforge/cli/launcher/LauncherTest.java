package dev.quipforge.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script itself, in a folder laid out like the repository, with stand-ins for the two programs that it starts: a {@code java}
 * and a {@code mvnw} that say how they were called.
 */
class LauncherTest {

    private static final List<String> TOOLS = List.of(
            "sh",
            "cat",
            "dirname",
            "find",
            "grep",
            "head",
            "mkdir",
            "mktemp",
            "mv",
            "readlink",
            "rm",
            "sed",
            "sleep",
            "tee");

    private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

    @TempDir
    private Path folder;

    private Path repository;
    private Path tools;

    @BeforeEach
    void layOut() throws IOException {
        repository = Files.createDirectories(folder.resolve("repository"));
        tools = Files.createDirectories(folder.resolve("tools"));
        for (String tool : TOOLS) {
            Files.createSymbolicLink(tools.resolve(tool), which(tool));
        }
        Files.copy(script(), repository.resolve("quipforge"), StandardCopyOption.COPY_ATTRIBUTES);
        program(repository.resolve("mvnw"), """
                echo "[INFO] Building quipforge engine 0.1.0-SNAPSHOT [2/12]"
                echo "$@" > mvnw-arguments
                mkdir -p cli/target standalone/target
                touch() { : >> "$1"; }
                touch cli/target/quipforge-cli.jar
                touch standalone/target/quipforge-standalone.jar
                mkdir -p selftest/target
                touch selftest/target/quipforge-selftest.jar
                echo "JAVA_HOME is $JAVA_HOME"
                """);
        write(repository.resolve("pom.xml"), "<project/>");
        write(repository.resolve("engine/src/main/java/Engine.java"), "class Engine {}");
        age(repository);
    }

    @Test
    void withoutAJdk25ItSaysWhatToInstall() throws Exception {
        Path old = jdk("jdk-21", "21.0.5");
        Run run = run(Map.of("JAVA_HOME", old.toString()), "status");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .singleElement()
                .asString()
                .startsWith("quipforge: no JDK 25 found. Install one (")
                .contains("apt install openjdk-25-jdk", "sdk install java 25-tem", "QUIPFORGE_JAVA_HOME");
    }

    @Test
    void aJdkThatIsAskedForByNameMustBeOne() throws Exception {
        Run run = run(Map.of("QUIPFORGE_JAVA_HOME", "/nowhere"), "status");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).containsExactly("quipforge: QUIPFORGE_JAVA_HOME: /nowhere is not a JDK 25");
    }

    @Test
    void javaHomeIsTakenWhenItIsJava25() throws Exception {
        Path jdk = jdk("jdk-25", "25.0.1");
        assertThat(run(Map.of("JAVA_HOME", jdk.toString()), "status").out())
                .first()
                .asString()
                .startsWith(jdk + "/bin/java");
    }

    @Test
    void theCompilerOnThePathIsFollowedThroughItsLinks() throws Exception {
        Path jdk = jdk("jdk-25", "25.0.1");
        Files.createSymbolicLink(tools.resolve("javac"), jdk.resolve("bin/javac"));
        assertThat(run(Map.of(), "status").out()).first().asString().startsWith(jdk + "/bin/java");
    }

    @Test
    void theUsualFoldersAreSearchedLast() throws Exception {
        jdk("jvm/jdk-17", "17.0.2");
        Path jdk = jdk("jvm/temurin-25", "25");
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25\"\n");
        assertThat(run(Map.of("QUIPFORGE_JDK_FOLDERS", folder + "/jvm/*"), "status")
                        .out())
                .first()
                .asString()
                .startsWith(jdk + "/bin/java");
    }

    @Test
    void itBuildsOnceAndAgainOnlyWhenASourceHasChanged() throws Exception {
        Map<String, String> environment =
                Map.of("JAVA_HOME", jdk("jdk-25", "25.0.1").toString());
        Run first = run(environment, "job", "list");
        assertThat(first.err()).contains("quipforge: building 2/12 quipforge engine");
        assertThat(repository.resolve("mvnw-arguments")).content().contains("package", "-DskipTests", "-Dlint.skip");
        assertThat(first.out()).singleElement().asString().endsWith("quipforge-cli.jar job list");
        assertThat(repository.resolve("target/build.log"))
                .content()
                .contains("JAVA_HOME is " + environment.get("JAVA_HOME"));

        assertThat(run(environment, "job", "list").err()).isEmpty();

        Files.setLastModifiedTime(
                repository.resolve("engine/src/main/java/Engine.java"),
                FileTime.from(Instant.now().plusSeconds(5)));
        assertThat(run(environment, "status").err()).isEmpty();
        assertThat(run(environment, "job", "list").err()).contains("quipforge: building 2/12 quipforge engine");
    }

    @Test
    void aFailedBuildShowsItsErrorsAndStartsNothing() throws Exception {
        program(repository.resolve("mvnw"), "echo '[ERROR] Engine.java: cannot find symbol'; echo noise; exit 1");
        Run run = run(Map.of("JAVA_HOME", jdk("jdk-25", "25.0.1").toString()), "status");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .contains("[ERROR] Engine.java: cannot find symbol")
                .doesNotContain("noise")
                .last()
                .asString()
                .contains("the build failed", "target/build.log");
        assertThat(repository.resolve("target/.building")).doesNotExist();
    }

    @Test
    void twoBuildsDoNotRunAtOnceAndALockOfTheDeadIsTakenAway() throws Exception {
        Path lock = Files.createDirectories(repository.resolve("target/.building"));
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        write(lock.resolve("pid"), dead.pid() + "\n");
        Map<String, String> environment =
                Map.of("JAVA_HOME", jdk("jdk-25", "25.0.1").toString());
        assertThat(run(environment, "status").code()).isZero();

        Files.delete(repository.resolve("target/.built"));
        Files.createDirectories(lock);
        write(lock.resolve("pid"), ProcessHandle.current().pid() + "\n");
        Process waiting = start(environment, "status");
        assertThat(waiting.waitFor(2, TimeUnit.SECONDS)).isFalse();
        Files.delete(lock.resolve("pid"));
        Files.delete(lock);
        assertThat(waiting.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(waiting.exitValue()).isZero();
    }

    @Test
    void testRunsTheWholeGateWithJavaHomeSet() throws Exception {
        Path jdk = jdk("jdk-25", "25.0.1");
        Run run = run(Map.of("JAVA_HOME", jdk.toString()), "test", "-pl", "engine");
        assertThat(repository.resolve("mvnw-arguments")).content().contains("verify -pl engine");
        assertThat(run.out()).contains("JAVA_HOME is " + jdk);
    }

    @Test
    void itWorksThroughALinkAndFromAnyFolder() throws Exception {
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Path link = Files.createSymbolicLink(bin.resolve("qf"), Path.of("../repository/quipforge"));
        ProcessBuilder builder = new ProcessBuilder(link.toString(), "status").directory(bin.toFile());
        prepare(builder, Map.of("JAVA_HOME", jdk("jdk-25", "25.0.1").toString()));
        assertThat(finish(builder.start()).out())
                .singleElement()
                .asString()
                .contains("-Dquipforge.home=" + repository.toRealPath());
    }

    @Test
    void onlyCommandsThatComputeAreGivenTheVectorModule() throws Exception {
        Map<String, String> environment =
                Map.of("JAVA_HOME", jdk("jdk-25", "25.0.1").toString());
        assertThat(run(environment, "status").out()).noneMatch(line -> line.contains("incubator"));
        assertThat(run(environment, "perplexity", "--model", "m").out())
                .singleElement()
                .asString()
                .contains("--add-modules jdk.incubator.vector");
    }

    private record Run(int code, List<String> out, List<String> err) {}

    private Run run(Map<String, String> environment, String... arguments) throws Exception {
        return finish(start(environment, arguments));
    }

    private Process start(Map<String, String> environment, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(repository.resolve("quipforge").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        prepare(builder, environment);
        return builder.start();
    }

    private void prepare(ProcessBuilder builder, Map<String, String> environment) {
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of("PATH", tools.toString(), "HOME", folder.toString(), "QUIPFORGE_JDK_FOLDERS", ""));
        builder.environment().putAll(environment);
    }

    private static Run finish(Process process) throws Exception {
        List<String> out = process.inputReader().lines().toList();
        List<String> err = process.errorReader().lines().toList();
        assertThat(process.waitFor(Duration.ofMinutes(1))).isTrue();
        return new Run(process.exitValue(), out, err);
    }

    private Path jdk(String name, String version) throws IOException {
        Path home = folder.resolve(name);
        program(home.resolve("bin/java"), "echo \"$0 $*\"");
        program(home.resolve("bin/javac"), "exit 0");
        write(home.resolve("release"), "IMPLEMENTOR=\"test\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    private static void program(Path file, String body) throws IOException {
        write(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /** Sources that are older than any build. */
    private static void age(Path repository) throws IOException {
        try (var paths = Files.walk(repository)) {
            for (Path path : paths.toList()) {
                Files.setLastModifiedTime(path, FileTime.from(LONG_AGO));
            }
        }
    }

    private static Path which(String tool) {
        for (String directory : List.of("/usr/bin", "/bin")) {
            Path candidate = Path.of(directory, tool);
            if (Files.exists(candidate)) {
                return candidate;
            }
        }
        throw new IllegalStateException(tool + ": neither in /usr/bin nor in /bin");
    }

    private static Path script() {
        return Path.of("").toAbsolutePath().getParent().resolve("quipforge");
    }
}
