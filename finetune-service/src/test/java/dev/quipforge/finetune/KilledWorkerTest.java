package dev.quipforge.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent.TaskProgressed;
import dev.quipforge.contracts.TaskEvent.TaskSucceeded;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TuningFigures;
import dev.quipforge.contracts.TuningRecipe;
import dev.quipforge.kit.artifact.Artifact;
import dev.quipforge.kit.artifact.S3ArtifactStore;
import dev.quipforge.kit.artifact.S3Server;
import dev.quipforge.kit.task.KafkaServer;
import dev.quipforge.kit.task.WorkBench;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Finetune services as processes of their own, killed without a word in the middle of a training. */
class KilledWorkerTest {

    private static final Duration PATIENCE = Duration.ofMinutes(4);

    /** So many that a training takes long enough to be killed, and little enough to be waited for. */
    private static final TuningRecipe TUNING = Trainings.epochs(15);

    @TempDir
    static Path folder;

    private static KafkaServer kafka;
    private static S3Server s3;
    private static S3ArtifactStore store;
    private static WorkBench bench;
    private static Trainings trainings;

    @BeforeAll
    static void start() throws IOException {
        kafka = KafkaServer.start(Duration.ofSeconds(3));
        s3 = S3Server.start(Files.createDirectories(folder.resolve("objects")));
        store = S3ArtifactStore.connect(s3.properties());
        bench = new WorkBench(kafka.bootstrapServers());
        trainings = Trainings.make(folder.resolve("tiny"), store);
    }

    @AfterAll
    static void stop() {
        bench.close();
        store.close();
        s3.close();
        kafka.close();
    }

    @Test
    void eitherKindOfTrainingGoesOnFromItsCheckpointAndEndsAsOneThatWasNotKilled() {
        TaskCommand block;
        TaskCommand model;
        try (Worker first = new Worker("first")) {
            block = killed(first, output -> trainings.block(2, null, TUNING, output), "tuned/killed/block");
        }
        try (Worker second = new Worker("second")) {
            assertWentOn(block, "second", "tuned/killed/block");
            model = killed(second, output -> trainings.model(List.of(), TUNING, output), "tuned/killed/model");
        }
        try (Worker _ = new Worker("third")) {
            assertWentOn(model, "third", "tuned/killed/model");
            assertSame(block, trainings.block(2, null, TUNING, "tuned/whole/block"));
            assertSame(model, trainings.model(List.of(), TUNING, "tuned/whole/model"));
        }
        assertThat(store.list("trainings/")).isEmpty();
    }

    /** Kills the worker once it is past a third and has a checkpoint. */
    private static TaskCommand killed(Worker worker, Function<String, Task> task, String output) {
        TaskCommand command = bench.send(task.apply(output));
        Awaitility.await("a training in its middle: " + output).atMost(PATIENCE).until(() -> isPastAThird(command));
        worker.kill();
        assertThat(bench.events(command, TaskSucceeded.class)).isEmpty();
        assertThat(checkpoints(output)).isNotEmpty();
        return command;
    }

    private static boolean isPastAThird(TaskCommand command) {
        return bench.events(command, TaskProgressed.class).stream()
                .anyMatch(progressed -> progressed.fraction() > 1.0 / 3);
    }

    private static void assertWentOn(TaskCommand command, String worker, String output) {
        Awaitility.await("the result of " + output)
                .atMost(PATIENCE)
                .until(() -> !bench.events(command, TaskSucceeded.class).isEmpty());
        TaskSucceeded succeeded = bench.await(command, TaskSucceeded.class);
        assertThat(succeeded.worker()).isEqualTo(worker);
        assertThat(bench.events(command, TaskProgressed.class))
                .filteredOn(progressed -> progressed.worker().equals(worker))
                .filteredOn(progressed -> progressed.detail().contains("epoch"))
                .isNotEmpty()
                .allSatisfy(progressed -> assertThat(progressed.fraction()).isGreaterThan(0.2));
    }

    private static void assertSame(TaskCommand killed, Task uninterrupted) {
        TaskCommand command = bench.send(uninterrupted);
        Awaitility.await("an uninterrupted training")
                .atMost(PATIENCE)
                .until(() -> !bench.events(command, TaskSucceeded.class).isEmpty());
        TuningFigures whole = figures(bench.await(command, TaskSucceeded.class).result());
        TuningFigures resumed = figures(bench.await(killed, TaskSucceeded.class).result());
        assertThat(resumed.curve()).isEqualTo(whole.curve());
        assertThat(resumed.lossBefore()).isEqualTo(whole.lossBefore());
        assertThat(resumed.lossAfter()).isEqualTo(whole.lossAfter()).isLessThan(whole.lossBefore());
    }

    private static TuningFigures figures(TaskResult result) {
        return switch (result) {
            case TaskResult.BlockTuned tuned -> tuned.figures();
            case TaskResult.ModelTuned tuned -> tuned.figures();
            default -> throw new AssertionError(result + " (expected: something tuned)");
        };
    }

    private static List<String> checkpoints(String output) {
        return store.list("trainings/" + output + "/").stream()
                .map(Artifact::key)
                .toList();
    }

    /** A finetune service in a process of its own. */
    private static final class Worker implements AutoCloseable {

        private final Process process;

        Worker(String name) {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--add-modules",
                    "jdk.incubator.vector",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    FinetuneApplication.class.getName(),
                    "--server.port=0",
                    "--spring.kafka.bootstrap-servers=" + kafka.bootstrapServers(),
                    "--quipforge.cache.directory=" + folder.resolve("cache-" + name),
                    "--quipforge.worker.name=" + name,
                    "--quipforge.worker.progress-interval=50ms",
                    "--quipforge.compute.backend=vector",
                    "--quipforge.tuning.checkpoint-interval=0s"));
            Stream.of(s3.springProperties()).map("--"::concat).forEach(command::add);
            try {
                process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve(name + ".log").toFile())
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void kill() {
            process.destroyForcibly().onExit().join();
        }

        @Override
        public void close() {
            kill();
        }
    }
}
