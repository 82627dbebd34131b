package dev.quipforge.gateway.problem;

import org.springframework.http.ProblemDetail;

/** A problem to answer a request with. */
public class ProblemException extends RuntimeException {

    private final Problem problem;

    /** The detail is one sentence for a person: the place, the value, the expectation. */
    public ProblemException(Problem problem, String detail) {
        super(detail);
        this.problem = problem;
    }

    /** What goes to the client. */
    ProblemDetail body() {
        return body(problem, String.valueOf(getMessage()));
    }

    static ProblemDetail body(Problem problem, String detail) {
        ProblemDetail body = ProblemDetail.forStatusAndDetail(problem.status(), detail);
        body.setType(problem.type());
        body.setTitle(problem.title());
        return body;
    }
}
