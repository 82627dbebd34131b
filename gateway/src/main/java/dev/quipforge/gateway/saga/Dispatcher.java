package dev.quipforge.gateway.saga;

import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.gateway.job.Job;
import dev.quipforge.gateway.outbox.Outbox;
import dev.quipforge.gateway.plan.PlannedTask;
import dev.quipforge.gateway.plan.Planner;
import dev.quipforge.gateway.plan.Stage;
import dev.quipforge.gateway.task.TaskQueries;
import dev.quipforge.gateway.task.TaskRecord;
import dev.quipforge.gateway.task.TaskState;
import dev.quipforge.gateway.task.Tasks;
import dev.quipforge.kit.json.ContractsJson;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Sends tasks to the workers, by way of the outbox. The caller holds the lock of the job. */
final class Dispatcher {

    private final Tasks tasks;
    private final TaskQueries queries;
    private final Outbox outbox;
    private final Journal journal;

    Dispatcher(Tasks tasks, TaskQueries queries, Outbox outbox, Journal journal) {
        this.tasks = tasks;
        this.queries = queries;
        this.outbox = outbox;
        this.journal = journal;
    }

    /**
     * Sends every task that waited and whose requirements are now finished.
     *
     * @return the first stage that is not done; empty when the whole job is
     */
    Optional<Stage> dispatchReady(Job job) {
        Map<String, TaskResult> finished = queries.results(job.id());
        List<PlannedTask> plan = Planner.plan(job.request(), finished);
        Map<String, TaskRecord> records = records(job);
        if (!records.keySet().containsAll(plan.stream().map(PlannedTask::key).toList())) {
            tasks.add(job.id(), plan.stream().map(PlannedTask::outline).toList());
            records = records(job);
        }
        for (PlannedTask planned : plan) {
            TaskRecord record = records.get(planned.key());
            if (record != null && record.state() == TaskState.WAITING && planned.isReady(finished)) {
                send(record, planned.command().apply(finished), Duration.ZERO);
            }
        }
        return plan.stream()
                .filter(planned -> !finished.containsKey(planned.key()))
                .map(planned -> planned.outline().stage())
                .min(Stage::compareTo);
    }

    private Map<String, TaskRecord> records(Job job) {
        return queries.ofJob(job.id()).stream()
                .collect(Collectors.toMap(task -> task.outline().key(), Function.identity()));
    }

    /** Sends the task again as its next attempt, after the delay. */
    void resend(TaskRecord task, Duration delay) {
        send(task, queries.command(task), delay);
    }

    private void send(TaskRecord task, Task command, Duration delay) {
        tasks.queue(task, command, delay);
        int attempt = task.attempt().number() + 1;
        TaskCommand message = new TaskCommand(task.job(), task.id(), attempt, command);
        outbox.add(
                task.job(),
                command.queue().topic(),
                task.id().toString(),
                ContractsJson.mapper().writeValueAsString(message),
                delay);
        journal.taskChanged(task);
    }
}
