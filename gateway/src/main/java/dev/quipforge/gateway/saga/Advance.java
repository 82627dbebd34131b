package dev.quipforge.gateway.saga;

import dev.quipforge.contracts.TaskResult;
import dev.quipforge.gateway.job.Job;
import dev.quipforge.gateway.job.Jobs;
import dev.quipforge.gateway.plan.Stage;
import java.util.Optional;

/** Goes on with a job after a result. The caller holds the job's lock. */
final class Advance {

    private final Jobs jobs;
    private final Dispatcher dispatcher;
    private final Ending ending;
    private final Registration registration;
    private final Journal journal;

    Advance(Jobs jobs, Dispatcher dispatcher, Ending ending, Registration registration, Journal journal) {
        this.jobs = jobs;
        this.dispatcher = dispatcher;
        this.ending = ending;
        this.registration = registration;
        this.journal = journal;
    }

    /** A result is there: what waited for it is sent, or the job is done. */
    void after(Job job, TaskResult result) {
        registration.register(job, result);
        Optional<Stage> stage = dispatcher.dispatchReady(job);
        if (stage.isEmpty()) {
            ending.succeed(job);
        } else if (stage.get() != job.stage()) {
            jobs.enter(job, stage.get());
            journal.jobChanged(job.id());
        }
    }
}
