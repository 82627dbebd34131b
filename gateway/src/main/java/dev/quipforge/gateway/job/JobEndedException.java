package dev.quipforge.gateway.job;

import dev.quipforge.gateway.problem.Problem;
import dev.quipforge.gateway.problem.ProblemException;

/** The job has ended; what was asked makes sense before that only. */
public final class JobEndedException extends ProblemException {

    /** The job is in one of its last states. */
    public JobEndedException(Job job) {
        super(Problem.CONFLICT, "job %s: %s (expected: SUBMITTED or RUNNING)".formatted(job.id(), job.state()));
    }
}
