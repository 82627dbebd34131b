package dev.quipforge.kit.task;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.QuantizationRecipe;
import dev.quipforge.contracts.QuantizeGroup;
import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.contracts.TaskEvent.TaskCancelled;
import dev.quipforge.contracts.TaskEvent.TaskFailed;
import dev.quipforge.contracts.TaskEvent.TaskProgressed;
import dev.quipforge.contracts.TaskEvent.TaskStarted;
import dev.quipforge.contracts.TaskEvent.TaskSucceeded;
import dev.quipforge.contracts.TaskResult.HessiansReduced;
import dev.quipforge.contracts.WorkQueue;
import dev.quipforge.kit.json.ContractsJson;
import dev.quipforge.kit.task.ScriptedWorker.Script;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;

class WorkerTest {

    private static final Duration LEASE = Duration.ofSeconds(2);

    private static KafkaServer kafka;
    private static WorkBench bench;
    private static ConfigurableApplicationContext worker;

    @BeforeAll
    static void start() {
        kafka = KafkaServer.start(LEASE);
        bench = new WorkBench(kafka.bootstrapServers());
        worker = ScriptedWorker.start(kafka.bootstrapServers(), "first");
    }

    @AfterAll
    static void stop() {
        worker.close();
        bench.close();
        kafka.close();
    }

    @Test
    void aTaskIsStartedThenReportsThenSucceeds() {
        TaskCommand command = bench.send(ScriptedWorker.task(Script.WORK, 1000));

        TaskSucceeded succeeded = bench.await(command, TaskSucceeded.class);

        assertThat(succeeded.result()).isEqualTo(new HessiansReduced("work", 1000, 1));
        assertThat(succeeded.worker()).isEqualTo("first");
        assertThat(succeeded.seconds()).isBetween(1.0, 30.0);
        List<TaskEvent> events = bench.events(command);
        assertThat(events.getFirst()).isInstanceOf(TaskStarted.class);
        assertThat(events.subList(1, events.size() - 1))
                .hasSizeBetween(2, atMost(succeeded, 100))
                .allSatisfy(event -> assertThat(event).isInstanceOf(TaskProgressed.class));
        assertThat(bench.events(command, TaskProgressed.class))
                .extracting(TaskProgressed::fraction)
                .isSorted()
                .allSatisfy(fraction -> assertThat(fraction).isBetween(0.0, 1.0));
    }

    @Test
    void aSilentTaskStillSendsHeartbeats() {
        TaskCommand command = bench.send(ScriptedWorker.task(Script.WORK_SILENTLY, 1500));

        TaskSucceeded succeeded = bench.await(command, TaskSucceeded.class);

        assertThat(bench.events(command, TaskProgressed.class)).hasSizeBetween(1, atMost(succeeded, 400));
    }

    @Test
    void aTaskLongerThanItsLeaseIsDoneOnceWhileOthersWait() {
        try (ConfigurableApplicationContext second = ScriptedWorker.start(kafka.bootstrapServers(), "second")) {
            int millis = (int) LEASE.multipliedBy(3).toMillis();
            TaskCommand command = bench.send(ScriptedWorker.task(Script.WORK, millis));
            TaskCommand behind = bench.send(ScriptedWorker.task(Script.SUCCEED, 0));

            TaskSucceeded overtaking = bench.await(behind, TaskSucceeded.class);
            TaskSucceeded succeeded = bench.await(command, TaskSucceeded.class);

            assertThat(second.isActive()).isTrue();
            assertThat(overtaking.worker()).isNotEqualTo(succeeded.worker());
            assertThat(overtaking.at()).isBefore(succeeded.at());
            assertThat(bench.events(command, TaskStarted.class)).hasSize(1);
        }
    }

    @Test
    void twoWorkersShareTheTasksOfOnePartition() {
        try (ConfigurableApplicationContext second = ScriptedWorker.start(kafka.bootstrapServers(), "second")) {
            List<TaskCommand> commands = IntStream.range(0, 8)
                    .mapToObj(_ -> bench.send(ScriptedWorker.task(Script.WORK, 500)))
                    .toList();

            Set<String> workers = commands.stream()
                    .map(command -> bench.await(command, TaskSucceeded.class).worker())
                    .collect(Collectors.toSet());

            assertThat(second.isActive()).isTrue();
            assertThat(workers).containsExactlyInAnyOrder("first", "second");
            assertThat(commands)
                    .allSatisfy(command -> assertThat(bench.events(command, TaskSucceeded.class))
                            .hasSize(1));
        }
    }

    @Test
    void theTaskOfAWorkerThatDiesGoesToAnother() throws Exception {
        Process mortal = process("mortal");
        try {
            int millis = (int) LEASE.multipliedBy(2).toMillis();
            TaskCommand command = takenBy("mortal", millis);
            mortal.destroyForcibly().waitFor();

            TaskSucceeded succeeded = bench.await(command, TaskSucceeded.class);

            assertThat(succeeded.worker()).isEqualTo("first");
            assertThat(bench.events(command, TaskStarted.class))
                    .extracting(TaskStarted::worker)
                    .containsExactly("mortal", "first");
        } finally {
            mortal.destroyForcibly();
        }
    }

    @Test
    void aWorkerThatShutsDownGivesItsTaskBack() {
        ConfigurableApplicationContext leaving = ScriptedWorker.start(kafka.bootstrapServers(), "leaving");
        try {
            TaskCommand command = takenBy("leaving", 4000);
            leaving.close();

            TaskSucceeded succeeded = bench.await(command, TaskSucceeded.class);

            assertThat(succeeded.worker()).isEqualTo("first");
            assertThat(bench.events(command, TaskFailed.class)).isEmpty();
            assertThat(bench.events(command, TaskCancelled.class)).isEmpty();
        } finally {
            leaving.close();
        }
    }

    @Test
    void aCancelledJobStopsItsTaskAndThoseThatWait() {
        TaskCommand command = bench.send(ScriptedWorker.task(Script.WORK, 60_000));
        TaskCommand waiting =
                new TaskCommand(command.job(), UUID.randomUUID(), 1, ScriptedWorker.task(Script.WORK, 60_000));
        bench.send(waiting);
        bench.await(command, TaskProgressed.class);

        bench.cancel(command.job());

        assertThat(bench.await(command, TaskCancelled.class).attempt()).isEqualTo(1);
        bench.await(waiting, TaskCancelled.class);
        assertThat(bench.events(waiting, TaskProgressed.class)).isEmpty();
        assertThat(bench.events(command, TaskFailed.class)).isEmpty();
    }

    @Test
    void aRecordThatIsNoTaskIsSkipped() {
        String topic = WorkQueue.CALIBRATION.topic();
        bench.sendRaw(topic, "k", "{\"job\":".getBytes(UTF_8));
        bench.sendRaw(topic, "k", new byte[] {1, 2, 3});
        bench.sendRaw(topic, "k", "{\"type\":\"Nothing\"}".getBytes(UTF_8));
        TaskCommand command = bench.send(ScriptedWorker.task(Script.SUCCEED, 7));

        bench.await(command, TaskSucceeded.class);
    }

    @Test
    void aTaskOfAnotherServiceIsReportedAsFailed() {
        QuantizationRecipe recipe = new QuantizationRecipe("qtip", "3inst", 2, "seam", "ldlq", "hadamard", 0, 1);
        TaskCommand command = new TaskCommand(
                UUID.randomUUID(), UUID.randomUUID(), 3, new QuantizeGroup("m", 0, "i", "h", null, recipe, "o"));
        bench.sendRaw(WorkQueue.CALIBRATION.topic(), "k", ContractsJson.mapper().writeValueAsBytes(command));

        assertThat(bench.await(command, TaskFailed.class).failure().message())
                .isEqualTo("QuantizeGroup: not a task of this worker (expected: [ReduceHessians])");
    }

    @Test
    void aHandlerThatFailsReportsWhyAndTheWorkerGoesOn() {
        TaskCommand badInput = bench.send(ScriptedWorker.task(Script.FAIL_AS_BAD_INPUT, 0));
        TaskCommand bug = bench.send(ScriptedWorker.task(Script.FAIL_AS_BUG, 0));
        TaskCommand noMemory = bench.send(ScriptedWorker.task(Script.FAIL_WITHOUT_MEMORY, 0));
        TaskCommand next = bench.send(ScriptedWorker.task(Script.SUCCEED, 0));

        bench.await(next, TaskSucceeded.class);

        assertThat(failure(badInput))
                .isEqualTo(new Failure(Failure.Code.INVALID_INPUT, "config.json", "hidden_size: -1"));
        assertThat(failure(bug))
                .isEqualTo(new Failure(Failure.Code.INTERNAL, null, "IndexOutOfBoundsException: index 3 of 2"));
        assertThat(failure(noMemory))
                .isEqualTo(new Failure(Failure.Code.OUT_OF_MEMORY, null, "memory ran out: Java heap space"));
    }

    @Test
    void aWorkerCountsItsTasksAndIsHealthy() {
        TaskCommand command = bench.send(ScriptedWorker.task(Script.SUCCEED, 0));
        bench.await(command, TaskSucceeded.class);

        assertThat(worker.getBean(MeterRegistry.class)
                        .get("quipforge.tasks")
                        .tag("kind", "ReduceHessians")
                        .tag("outcome", "succeeded")
                        .timer()
                        .count())
                .isPositive();
        assertThat(worker.getBean(WorkerState.class).health().getStatus()).isEqualTo(Status.UP);
    }

    /** Reports that fit into the time of a task when they come every so many milliseconds. */
    private static int atMost(TaskSucceeded succeeded, int millis) {
        return (int) (succeeded.seconds() * 1000 / millis) + 1;
    }

    private static Failure failure(TaskCommand command) {
        return bench.await(command, TaskFailed.class).failure();
    }

    /** Sends tasks until that worker takes one. */
    private static TaskCommand takenBy(String name, int millis) {
        while (true) {
            TaskCommand command = bench.send(ScriptedWorker.task(Script.WORK, millis));
            if (bench.await(command, TaskStarted.class).worker().equals(name)) {
                return command;
            }
            bench.cancel(command.job());
            bench.await(command, TaskCancelled.class);
        }
    }

    private static Process process(String name) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ScriptedWorker.class.getName(),
                        kafka.bootstrapServers(),
                        name)
                .redirectErrorStream(true)
                .redirectOutput(new File("target/" + name + ".log"))
                .start();
    }
}
