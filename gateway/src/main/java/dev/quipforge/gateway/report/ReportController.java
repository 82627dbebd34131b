package dev.quipforge.gateway.report;

import dev.quipforge.gateway.job.Job;
import dev.quipforge.gateway.job.JobNotDoneException;
import dev.quipforge.gateway.job.JobState;
import dev.quipforge.gateway.job.JobViews;
import dev.quipforge.gateway.job.Jobs;
import dev.quipforge.gateway.plan.Outcome;
import dev.quipforge.gateway.task.TaskQueries;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
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
        Job job = jobs.get(id);
        if (job.state() != JobState.SUCCEEDED) {
            throw new JobNotDoneException(job);
        }
        return Report.of(views.view(job), new Outcome(tasks.results(id).values()));
    }
}
