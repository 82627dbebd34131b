package dev.quipforge.gateway.job;

import static org.springframework.http.MediaType.APPLICATION_JSON_VALUE;
import static org.springframework.http.MediaType.APPLICATION_PROBLEM_JSON_VALUE;

import dev.quipforge.gateway.request.FieldError;
import dev.quipforge.gateway.request.InvalidRequestException;
import dev.quipforge.gateway.request.JobSubmission;
import dev.quipforge.gateway.request.SubmissionCheck;
import dev.quipforge.gateway.task.TaskQueries;
import dev.quipforge.gateway.task.TaskRecord;
import dev.quipforge.gateway.task.TaskState;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Jobs over HTTP. */
@RestController
@RequestMapping(path = "/api/v1/jobs", produces = APPLICATION_JSON_VALUE)
@Tag(name = "Jobs", description = "Submit, watch and cancel quantization jobs.")
class JobController {

    private static final int LONGEST_KEY = 200;
    private static final int LONGEST_PAGE = 100;
    private static final int LONGEST_PAGE_OF_TASKS = 1000;

    private final SubmissionCheck check;
    private final JobLifecycle lifecycle;
    private final Jobs jobs;
    private final JobViews views;
    private final TaskQueries tasks;

    JobController(SubmissionCheck check, JobLifecycle lifecycle, Jobs jobs, JobViews views, TaskQueries tasks) {
        this.check = check;
        this.lifecycle = lifecycle;
        this.jobs = jobs;
        this.views = views;
        this.tasks = tasks;
    }

    /** Submits a job. */
    @PostMapping(consumes = APPLICATION_JSON_VALUE)
    @Operation(
            summary = "Submit a job",
            description = "Repeating a request with the same Idempotency-Key returns the job of the first.",
            requestBody =
                    @io.swagger.v3.oas.annotations.parameters.RequestBody(
                            required = true,
                            content = @Content(examples = @ExampleObject(JobExamples.SUBMISSION))))
    @ApiResponse(responseCode = "201", description = "The job; Location is its address.")
    @ApiResponse(
            responseCode = "400",
            description = "A field is wrong or unknown; errors names each.",
            content =
                    @Content(
                            mediaType = APPLICATION_PROBLEM_JSON_VALUE,
                            schema = @Schema(implementation = ProblemDetail.class),
                            examples = @ExampleObject(JobExamples.PROBLEM)))
    @ApiResponse(
            responseCode = "409",
            description = "The Idempotency-Key was used for another body.",
            content =
                    @Content(
                            mediaType = APPLICATION_PROBLEM_JSON_VALUE,
                            schema = @Schema(implementation = ProblemDetail.class)))
    ResponseEntity<JobView> submit(
            @RequestBody JobSubmission submission,
            @Parameter(description = "Any text of up to 200 characters, unique to this job.", example = "demo-2-bit-1")
                    @RequestHeader(name = "Idempotency-Key", required = false)
                    @Nullable
                    String idempotencyKey) {
        if (idempotencyKey != null && (idempotencyKey.isBlank() || idempotencyKey.length() > LONGEST_KEY)) {
            throw new InvalidRequestException(
                    new FieldError("Idempotency-Key", idempotencyKey, "1 to %d characters".formatted(LONGEST_KEY)));
        }
        Job job = lifecycle.submit(check.check(submission), idempotencyKey);
        return ResponseEntity.created(URI.create("/api/v1/jobs/" + job.id())).body(views.view(job));
    }

    /** Lists jobs. */
    @GetMapping
    @Operation(summary = "List jobs, newest first")
    JobPage list(
            @Parameter(description = "Only jobs in this state.") @RequestParam(required = false) @Nullable
                    JobState state,
            @Parameter(description = "Jobs of a page, 1 to 100.") @RequestParam(defaultValue = "20") int limit,
            @Parameter(description = "The next of the page before.") @RequestParam(required = false) @Nullable
                    Long after) {
        if (limit < 1 || limit > LONGEST_PAGE) {
            throw new InvalidRequestException(new FieldError("limit", limit, "1 to " + LONGEST_PAGE));
        }
        List<Job> found = jobs.list(state, after == null ? Long.MAX_VALUE : after, limit + 1);
        List<Job> page = found.subList(0, Math.min(limit, found.size()));
        String next = found.size() > limit ? String.valueOf(page.getLast().number()) : null;
        return new JobPage(views.views(page), next);
    }

    /** Shows a job. */
    @GetMapping("/{id}")
    @Operation(summary = "Show a job with its progress")
    @ApiResponse(responseCode = "200", description = "The job.")
    @ApiResponse(
            responseCode = "404",
            description = "No such job.",
            content =
                    @Content(
                            mediaType = APPLICATION_PROBLEM_JSON_VALUE,
                            schema = @Schema(implementation = ProblemDetail.class)))
    JobView show(@PathVariable UUID id) {
        return views.view(jobs.get(id));
    }

    /** Lists the tasks of a job. */
    @GetMapping("/{id}/tasks")
    @Operation(summary = "List the tasks of a job, in the order of the plan")
    TaskList tasks(
            @PathVariable UUID id,
            @Parameter(description = "Only tasks in one of these states.") @RequestParam(required = false) @Nullable
                    Set<TaskState> state,
            @Parameter(description = "Tasks of a page, 1 to 1000.") @RequestParam(defaultValue = "1000") int limit,
            @Parameter(description = "The next of the page before.") @RequestParam(defaultValue = "-1") int after) {
        if (limit < 1 || limit > LONGEST_PAGE_OF_TASKS) {
            throw new InvalidRequestException(new FieldError("limit", limit, "1 to " + LONGEST_PAGE_OF_TASKS));
        }
        Set<TaskState> states = state == null || state.isEmpty() ? EnumSet.allOf(TaskState.class) : state;
        SortedMap<Integer, TaskRecord> found = tasks.page(jobs.get(id).id(), states, after, limit + 1);
        List<TaskView> page =
                found.values().stream().limit(limit).map(TaskView::of).toList();
        String next = found.size() > limit
                ? String.valueOf(found.headMap(found.lastKey()).lastKey())
                : null;
        return new TaskList(page, next);
    }

    /** Cancels a job. */
    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Operation(summary = "Cancel a job", description = "Workers stop as soon as the task at hand allows.")
    @ApiResponse(responseCode = "202", description = "The job, cancelled.")
    @ApiResponse(
            responseCode = "409",
            description = "The job has ended already.",
            content =
                    @Content(
                            mediaType = APPLICATION_PROBLEM_JSON_VALUE,
                            schema = @Schema(implementation = ProblemDetail.class)))
    JobView cancel(@PathVariable UUID id) {
        return views.view(lifecycle.cancel(id));
    }
}
