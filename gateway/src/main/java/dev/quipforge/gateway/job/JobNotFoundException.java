package dev.quipforge.gateway.job;

import dev.quipforge.gateway.problem.Problem;
import dev.quipforge.gateway.problem.ProblemException;
import java.util.UUID;

/** There is no job of that id. */
public final class JobNotFoundException extends ProblemException {

    /** No job {@code id}. */
    public JobNotFoundException(UUID id) {
        super(Problem.NOT_FOUND, "job %s: not found (expected: the id of a submitted job)".formatted(id));
    }
}
