package dev.quipforge.gateway.job;

import dev.quipforge.gateway.problem.Problem;
import dev.quipforge.gateway.problem.ProblemException;

/** The job has not succeeded; what was asked for is there only then. */
public final class JobNotDoneException extends ProblemException {

    /** The job is in a state other than SUCCEEDED. */
    public JobNotDoneException(Job job) {
        super(Problem.CONFLICT, "job %s: %s (expected: SUCCEEDED)".formatted(job.id(), job.state()));
    }
}
