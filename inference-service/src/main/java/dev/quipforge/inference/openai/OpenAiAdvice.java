package dev.quipforge.inference.openai;

import dev.quipforge.inference.serving.ModelNotServedException;
import dev.quipforge.kit.artifact.ArtifactException;
import dev.quipforge.llm.InvalidModelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Every error of this API in the form that its clients know. */
@RestControllerAdvice(basePackageClasses = OpenAiAdvice.class)
final class OpenAiAdvice {

    private static final Logger LOG = LoggerFactory.getLogger(OpenAiAdvice.class);
    private static final String INVALID = "invalid_request_error";
    private static final String SERVER = "server_error";

    @ExceptionHandler
    ResponseEntity<ErrorBody> invalid(InvalidRequestException e) {
        return answer(HttpStatus.BAD_REQUEST, ErrorBody.of(INVALID, e.field(), null, message(e)));
    }

    @ExceptionHandler
    ResponseEntity<ErrorBody> unreadable(HttpMessageNotReadableException e) {
        return answer(HttpStatus.BAD_REQUEST, ErrorBody.of(INVALID, null, null, "the body is no JSON object"));
    }

    /** What is wrong with a prompt, such as its length, is seen only where it is tokenized. */
    @ExceptionHandler
    ResponseEntity<ErrorBody> invalid(InvalidModelException e) {
        boolean prompt = e.place().equals("prompt");
        return prompt
                ? answer(HttpStatus.BAD_REQUEST, ErrorBody.of(INVALID, e.place(), null, message(e)))
                : answer(HttpStatus.INTERNAL_SERVER_ERROR, ErrorBody.of(SERVER, null, null, message(e)));
    }

    @ExceptionHandler
    ResponseEntity<ErrorBody> notServed(ModelNotServedException e) {
        return switch (e.reason()) {
            case UNKNOWN -> answer(HttpStatus.NOT_FOUND, ErrorBody.of(INVALID, "model", "model_not_found", message(e)));
            case NO_ROOM ->
                answer(HttpStatus.SERVICE_UNAVAILABLE, ErrorBody.of(SERVER, "model", "no_room", message(e)));
        };
    }

    @ExceptionHandler
    ResponseEntity<ErrorBody> unavailable(ArtifactException e) {
        return answer(HttpStatus.SERVICE_UNAVAILABLE, ErrorBody.of(SERVER, null, null, message(e)));
    }

    @ExceptionHandler
    ResponseEntity<ErrorBody> unexpected(RuntimeException e) {
        LOG.error("request failed", e);
        return answer(HttpStatus.INTERNAL_SERVER_ERROR, ErrorBody.of(SERVER, null, null, message(e)));
    }

    private static ResponseEntity<ErrorBody> answer(HttpStatus status, ErrorBody body) {
        return ResponseEntity.status(status).body(body);
    }

    private static String message(Exception e) {
        return String.valueOf(e.getMessage());
    }
}
