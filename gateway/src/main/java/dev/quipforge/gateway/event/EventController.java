package dev.quipforge.gateway.event;

import dev.quipforge.gateway.job.Job;
import dev.quipforge.gateway.job.Jobs;
import dev.quipforge.gateway.request.FieldError;
import dev.quipforge.gateway.request.InvalidRequestException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Events over HTTP. */
@RestController
@Tag(name = "Jobs")
class EventController {

    private static final String EXAMPLE = """
            id: 42
            event: progress
            data: {"job":"7a1f0f60-7a53-4c39-a3d5-7f2b7f6d9a10","at":"2026-01-01T12:00:00Z","state":"RUNNING",
            data: "stage":"quantize","fraction":0.42,"etaSeconds":93.5,"failure":null,"task":{"label":"quantize block 3 mlp-in"}}
            """;

    private final Jobs jobs;
    private final EventStreams streams;

    EventController(Jobs jobs, EventStreams streams) {
        this.jobs = jobs;
        this.streams = streams;
    }

    /** Streams the events of a job. */
    @GetMapping(path = "/api/v1/jobs/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @Operation(
            summary = "Stream the events of a job",
            description = "Server-sent events named job, task and progress, with ids to resume from. The stream starts "
                    + "with the first event and ends after the job has ended.")
    @ApiResponse(
            responseCode = "200",
            description = "The stream; data is a JobEvent.",
            content =
                    @Content(
                            mediaType = MediaType.TEXT_EVENT_STREAM_VALUE,
                            schema = @Schema(implementation = JobEvent.class),
                            examples = @ExampleObject(EXAMPLE)))
    SseEmitter events(
            @PathVariable UUID id,
            @Parameter(description = "Id of the last event seen; browsers send it when they reconnect.")
                    @RequestHeader(name = "Last-Event-ID", required = false)
                    @Nullable
                    String lastEventId,
            @Parameter(description = "The same for clients that cannot set the header.")
                    @RequestParam(required = false)
                    @Nullable
                    String after) {
        long seen = lastEventId != null ? sequence("Last-Event-ID", lastEventId) : sequence("after", after);
        Job job = jobs.get(id);
        return streams.open(id, seen, job.state().isLast());
    }

    private static long sequence(String field, @Nullable String text) {
        try {
            return text == null ? 0 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new InvalidRequestException(new FieldError(field, text, "the id of an event"));
        }
    }
}
