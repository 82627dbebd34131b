package dev.quipforge.gateway.job;

import dev.quipforge.gateway.problem.Problem;
import dev.quipforge.gateway.problem.ProblemException;
import java.util.UUID;

/** The idempotency key stands for another request. */
public final class IdempotencyConflictException extends ProblemException {

    /** The key made job {@code id} from another body. */
    public IdempotencyConflictException(String key, UUID id) {
        super(
                Problem.CONFLICT,
                "Idempotency-Key: %s was used for another body, that of job %s (expected: a new key)"
                        .formatted(key, id));
    }
}
