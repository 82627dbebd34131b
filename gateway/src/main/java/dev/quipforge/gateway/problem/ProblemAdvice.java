package dev.quipforge.gateway.problem;

import dev.quipforge.gateway.request.FieldError;
import dev.quipforge.gateway.request.InvalidRequestException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Answers every error as {@code application/problem+json}, with the fields at fault in {@code errors}. */
@RestControllerAdvice
class ProblemAdvice extends ResponseEntityExceptionHandler {

    private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

    /** One of our own. */
    @ExceptionHandler
    ResponseEntity<ProblemDetail> problem(ProblemException exception) {
        return answer(exception.body());
    }

    /** A request with wrong fields. */
    @ExceptionHandler
    ResponseEntity<ProblemDetail> invalid(InvalidRequestException exception) {
        return answer(body(exception));
    }

    /** A fault of the program. */
    @ExceptionHandler
    ResponseEntity<ProblemDetail> fault(Exception exception) {
        log.error("request failed", exception);
        return answer(ProblemDetail.forStatusAndDetail(
                HttpStatus.INTERNAL_SERVER_ERROR, "the gateway failed; its log says why"));
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException exception, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        InvalidRequestException invalid = new InvalidRequestException(UnreadableBody.error(exception));
        return handleExceptionInternal(exception, body(invalid), headers, HttpStatus.BAD_REQUEST, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleTypeMismatch(
            TypeMismatchException exception, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        String name = exception instanceof MethodArgumentTypeMismatchException argument
                ? argument.getName()
                : String.valueOf(exception.getPropertyName());
        InvalidRequestException invalid = new InvalidRequestException(
                new FieldError(name, exception.getValue(), expectation(exception.getRequiredType())));
        return handleExceptionInternal(exception, body(invalid), headers, HttpStatus.BAD_REQUEST, request);
    }

    private static String expectation(@Nullable Class<?> type) {
        if (type == null) {
            return "another type";
        }
        return type.isEnum() ? "one of " + Arrays.toString(type.getEnumConstants()) : "a " + type.getSimpleName();
    }

    private static ProblemDetail body(InvalidRequestException exception) {
        ProblemDetail body = ProblemException.body(Problem.INVALID_REQUEST, String.valueOf(exception.getMessage()));
        List<ProblemError> errors =
                exception.errors().stream().map(ProblemError::of).toList();
        body.setProperty("field", errors.getFirst().field());
        body.setProperty("errors", errors);
        return body;
    }

    private static ResponseEntity<ProblemDetail> answer(ProblemDetail body) {
        return ResponseEntity.status(body.getStatus())
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(body);
    }

    /** A field at fault, as the client sees it. */
    record ProblemError(String field, @Nullable Object value, String expected, String message) {

        static ProblemError of(FieldError error) {
            return new ProblemError(error.field(), error.value(), error.expected(), error.message());
        }
    }
}
