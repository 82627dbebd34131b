package dev.quipforge.gateway.saga;

import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.gateway.job.Job;
import dev.quipforge.gateway.job.Jobs;
import dev.quipforge.gateway.task.TaskQueries;
import dev.quipforge.gateway.task.TaskRecord;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Takes task events in. Each is one transaction under the lock of its job: the state, the tasks and commands that follow,
 * and the record of it, all or nothing. An event that comes twice, late, or of an older attempt changes nothing.
 */
final class TaskEvents {

    private static final Logger log = LoggerFactory.getLogger(TaskEvents.class);

    private final Jobs jobs;
    private final TaskQueries queries;
    private final TaskProgression progression;
    private final Retries retries;
    private final Ending ending;
    private final TransactionOperations transaction;

    TaskEvents(
            Jobs jobs,
            TaskQueries queries,
            TaskProgression progression,
            Retries retries,
            Ending ending,
            TransactionOperations transaction) {
        this.jobs = jobs;
        this.queries = queries;
        this.progression = progression;
        this.retries = retries;
        this.ending = ending;
        this.transaction = transaction;
    }

    /**
     * A worker said something.
     *
     * @throws DataAccessException when the database cannot be reached; the event must come again
     */
    void accept(TaskEvent event) {
        try {
            current(event.job(), event.task(), event.attempt(), (job, task) -> progression.apply(job, task, event));
        } catch (DataAccessException | TransactionException e) {
            throw e;
        } catch (RuntimeException e) {
            log.error("task event {} of job {} could not be followed; the job fails", event, event.job(), e);
            Failure failure =
                    new Failure(Failure.Code.INTERNAL, null, "the gateway could not go on: " + e.getMessage());
            current(event.job(), event.task(), event.attempt(), (job, task) -> ending.fail(job, task, failure));
        }
    }

    /** Nothing is heard of an attempt. */
    void lost(TaskRecord seen, String why) {
        Failure failure = new Failure(Failure.Code.WORKER_LOST, null, why);
        current(seen.job(), seen.id(), seen.attempt().number(), (job, task) -> {
            if (task.state() == seen.state()) {
                retries.failed(job, task, failure);
            }
        });
    }

    /** Does the work under the lock of the job, if the attempt is still in force. */
    private void current(UUID jobId, UUID taskId, int attempt, BiConsumer<Job, TaskRecord> work) {
        transaction.executeWithoutResult(_ -> jobs.lock(jobId)
                .filter(job -> !job.state().isLast())
                .ifPresent(job -> queries.find(taskId)
                        .filter(task -> task.job().equals(jobId))
                        .filter(task -> task.attempt().number() == attempt)
                        .filter(task -> !task.state().isLast())
                        .ifPresent(task -> work.accept(job, task))));
    }
}
