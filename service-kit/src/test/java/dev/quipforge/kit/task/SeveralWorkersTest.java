package dev.quipforge.kit.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent.TaskCancelled;
import dev.quipforge.contracts.TaskEvent.TaskFailed;
import dev.quipforge.contracts.TaskEvent.TaskStarted;
import dev.quipforge.contracts.TaskEvent.TaskSucceeded;
import dev.quipforge.kit.task.ScriptedWorker.Script;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributors.Entry;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;

/** One process with a worker on each of two devices. */
class SeveralWorkersTest {

    private static KafkaServer kafka;
    private static WorkBench bench;

    @BeforeAll
    static void start() {
        kafka = KafkaServer.start(Duration.ofSeconds(2));
        bench = new WorkBench(kafka.bootstrapServers());
    }

    @AfterAll
    static void stop() {
        bench.close();
        kafka.close();
    }

    @Test
    void twoTasksAreAtHandAtOnceAndEachNamesItsWorker() {
        try (ConfigurableApplicationContext _ = process("both")) {
            List<TaskCommand> tasks = two(Script.MEET);

            assertThat(tasks)
                    .extracting(task -> bench.await(task, TaskSucceeded.class).worker())
                    .containsExactlyInAnyOrder("both/left", "both/right");
        }
    }

    @Test
    void healthTellsOfEachWorker() {
        try (ConfigurableApplicationContext process = process("healthy")) {
            two(Script.MEET).forEach(task -> bench.await(task, TaskSucceeded.class));

            assertThat(process.getBean("workerHealthContributor", CompositeHealthContributor.class))
                    .extracting(Entry::name, entry -> state(entry).getStatus())
                    .containsExactly(tuple("left", Status.UP), tuple("right", Status.UP));
        }
    }

    @Test
    void aProcessThatShutsDownGivesTheTasksOfAllItsWorkersBack() {
        List<TaskCommand> tasks;
        try (ConfigurableApplicationContext _ = process("leaving")) {
            tasks = two(Script.STAY_ONCE);
            assertThat(tasks)
                    .extracting(task -> bench.await(task, TaskStarted.class).worker())
                    .containsExactlyInAnyOrder("leaving/left", "leaving/right");
        }
        try (ConfigurableApplicationContext _ = ScriptedWorker.start(kafka.bootstrapServers(), "staying")) {
            assertThat(tasks).allSatisfy(task -> {
                assertThat(bench.await(task, TaskSucceeded.class).worker()).isEqualTo("staying");
                assertThat(bench.events(task, TaskFailed.class)).isEmpty();
                assertThat(bench.events(task, TaskCancelled.class)).isEmpty();
            });
        }
    }

    private static Health state(Entry worker) {
        return ((WorkerState) worker.contributor()).health();
    }

    private static ConfigurableApplicationContext process(String name) {
        return ScriptedWorker.start(kafka.bootstrapServers(), name, "left", "right");
    }

    private static List<TaskCommand> two(Script script) {
        return List.of(bench.send(ScriptedWorker.task(script, 1)), bench.send(ScriptedWorker.task(script, 2)));
    }
}
