package dev.quipforge.gateway.report;

import dev.quipforge.contracts.TaskResult.QuantizedLinear;
import dev.quipforge.gateway.job.Job;
import dev.quipforge.gateway.job.JobNotDoneException;
import dev.quipforge.gateway.job.JobState;
import dev.quipforge.gateway.job.JobViews;
import dev.quipforge.gateway.job.Jobs;
import dev.quipforge.gateway.plan.Outcome;
import dev.quipforge.gateway.problem.Problem;
import dev.quipforge.gateway.problem.ProblemException;
import dev.quipforge.gateway.task.TaskQueries;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.SortedMap;
import java.util.UUID;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Reports over HTTP. */
@RestController
@Tag(name = "Results", description = "Figures and files of finished jobs.")
class ReportController {

    private final Jobs jobs;
    private final JobViews views;
    private final TaskQueries tasks;

    ReportController(Jobs jobs, JobViews views, TaskQueries tasks) {
        this.jobs = jobs;
        this.views = views;
        this.tasks = tasks;
    }

    /** Shows the report of a job. */
    @GetMapping(path = "/api/v1/jobs/{id}/report", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(summary = "Show the figures of a job that succeeded")
    @ApiResponse(responseCode = "200", description = "The report; what was not measured is left out.")
    @ApiResponse(
            responseCode = "409",
            description = "The job has not succeeded.",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_PROBLEM_JSON_VALUE,
                            schema = @Schema(implementation = ProblemDetail.class)))
    Report report(@PathVariable UUID id) {
        Job job = succeeded(id);
        return Report.of(views.view(job), outcome(job));
    }

    /** Shows the linears of one block. */
    @GetMapping(path = "/api/v1/jobs/{id}/report/blocks/{block}", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(summary = "Show every linear and every expert of one block of a job that succeeded")
    @ApiResponse(responseCode = "200", description = "The linears of the block.")
    @ApiResponse(
            responseCode = "404",
            description = "No such job or block.",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_PROBLEM_JSON_VALUE,
                            schema = @Schema(implementation = ProblemDetail.class)))
    BlockReport block(@PathVariable UUID id, @PathVariable int block) {
        SortedMap<Integer, List<QuantizedLinear>> blocks =
                outcome(succeeded(id)).linearsByBlock();
        List<QuantizedLinear> linears = blocks.get(block);
        if (linears == null) {
            throw new ProblemException(
                    Problem.NOT_FOUND,
                    "block %d of job %s: not found (expected: %d to %d)"
                            .formatted(block, id, blocks.firstKey(), blocks.lastKey()));
        }
        return BlockReport.of(block, linears);
    }

    private Job succeeded(UUID id) {
        Job job = jobs.get(id);
        if (job.state() != JobState.SUCCEEDED) {
            throw new JobNotDoneException(job);
        }
        return job;
    }

    private Outcome outcome(Job job) {
        return new Outcome(tasks.results(job.id()).values());
    }
}
