package dev.quipforge.gateway.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.quipforge.contracts.Failure;
import dev.quipforge.gateway.Requests;
import dev.quipforge.gateway.job.JobState;
import dev.quipforge.gateway.task.TaskState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The tables of states: every arrow is taken, none other, and the documentation shows them. */
class EveryTransitionTest {

    private static final Path DOCUMENT = Path.of("..", "docs", "states.md");
    private static final Duration MORE_THAN_PATIENCE = Duration.ofMinutes(61);

    @Test
    void everyDeclaredArrowIsTakenAndNoOther() {
        List<SagaDriver> runs =
                List.of(succeeds(), isCancelledAtOnce(), isCancelledLater(), failsForGood(), findsNoWorker());

        assertThat(union(runs, SagaDriver::jobTransitions)).isEqualTo(declaredForJobs());
        assertThat(union(runs, SagaDriver::taskTransitions)).isEqualTo(declaredForTasks());
    }

    private static SagaDriver succeeds() {
        SagaDriver driver = new SagaDriver(Requests.FULL);
        driver.finish();
        return driver;
    }

    private static SagaDriver isCancelledAtOnce() {
        SagaDriver driver = new SagaDriver(Requests.FULL);
        driver.cancel();
        return driver;
    }

    private static SagaDriver isCancelledLater() {
        SagaDriver driver = new SagaDriver(Requests.FULL);
        driver.start("import");
        driver.succeed("import");
        driver.start("shard/0-64");
        driver.cancel();
        return driver;
    }

    private static SagaDriver failsForGood() {
        SagaDriver driver = new SagaDriver(Requests.FULL);
        driver.start("import");
        driver.fail("import", Failure.Code.OUT_OF_MEMORY);
        driver.start("import");
        driver.fail("import", Failure.Code.INVALID_INPUT);
        return driver;
    }

    private static SagaDriver findsNoWorker() {
        SagaDriver driver = new SagaDriver(Requests.FULL);
        driver.silence(MORE_THAN_PATIENCE);
        driver.silence(MORE_THAN_PATIENCE);
        driver.silence(MORE_THAN_PATIENCE);
        return driver;
    }

    @Test
    void aCancelledJobStaysCancelled() {
        assertThatIllegalStateException()
                .isThrownBy(() -> JobState.CANCELLED.to(JobState.RUNNING))
                .withMessage("CANCELLED -> RUNNING (expected one of: [])");
    }

    @Test
    void aWaitingTaskCannotRun() {
        assertThatIllegalStateException()
                .isThrownBy(() -> TaskState.WAITING.to(TaskState.RUNNING))
                .withMessage("WAITING -> RUNNING (expected one of: [QUEUED, CANCELLED])");
    }

    /** {@code -Ddocs.write} draws them anew. */
    @Test
    void theDocumentationShowsTheTables() throws IOException {
        String drawn = """
                # States

                Drawn by `EveryTransitionTest` from the tables in `JobState` and `TaskState`; the same test demands that
                every arrow is taken.

                ## A job

                %s
                ## A task

                %s""".formatted(diagram(declaredForJobs(), "SUBMITTED"), diagram(declaredForTasks(), "WAITING"));
        if (System.getProperty("docs.write") != null) {
            Files.writeString(DOCUMENT, drawn);
        }
        assertThat(DOCUMENT).as("run with -Ddocs.write to draw it anew").hasContent(drawn);
    }

    private static String diagram(Set<String> arrows, String first) {
        String lines = arrows.stream().map(arrow -> "    " + arrow + "\n").collect(Collectors.joining());
        return "```mermaid\nstateDiagram-v2\n    [*] --> %s\n%s```\n".formatted(first, lines);
    }

    private static Set<String> declaredForJobs() {
        return Arrays.stream(JobState.values())
                .flatMap(from -> from.next().stream().map(to -> from + " --> " + to))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> declaredForTasks() {
        return Arrays.stream(TaskState.values())
                .flatMap(from -> from.next().stream().map(to -> from + " --> " + to))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> union(List<SagaDriver> runs, Function<SagaDriver, Set<String>> transitions) {
        return runs.stream()
                .flatMap(run -> transitions.apply(run).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
