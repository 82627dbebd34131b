package dev.quipforge.gateway.artifact;

import dev.quipforge.gateway.job.Job;
import dev.quipforge.gateway.job.JobNotDoneException;
import dev.quipforge.gateway.job.JobState;
import dev.quipforge.gateway.job.Jobs;
import dev.quipforge.gateway.plan.Outcome;
import dev.quipforge.gateway.problem.Problem;
import dev.quipforge.gateway.problem.ProblemException;
import dev.quipforge.gateway.task.TaskQueries;
import dev.quipforge.kit.artifact.Artifact;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.springframework.core.io.InputStreamResource;
import org.springframework.core.io.Resource;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Checkpoints over HTTP. */
@RestController
@Tag(name = "Results")
class ArtifactController {

    private final Jobs jobs;
    private final TaskQueries tasks;
    private final Checkpoints checkpoints;

    ArtifactController(Jobs jobs, TaskQueries tasks, Checkpoints checkpoints) {
        this.jobs = jobs;
        this.tasks = tasks;
        this.checkpoints = checkpoints;
    }

    /** Lists the files of a job's checkpoint. */
    @GetMapping(path = "/api/v1/jobs/{id}/artifacts", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(summary = "List the files of the quantized model", description = "Empty until the job has succeeded.")
    ArtifactList list(@PathVariable UUID id) {
        Job job = jobs.get(id);
        return job.state() == JobState.SUCCEEDED
                ? new ArtifactList(checkpoints.files(checkpoint(job)), true)
                : new ArtifactList(List.of(), false);
    }

    /** Sends one file of a job's checkpoint. */
    @GetMapping("/api/v1/jobs/{id}/artifacts/{*path}")
    @Operation(summary = "Download a file of the quantized model")
    @ApiResponse(
            responseCode = "200",
            description = "The file.",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_OCTET_STREAM_VALUE,
                            schema = @Schema(type = "string", format = "binary")))
    @ApiResponse(
            responseCode = "404",
            description = "No such job or file.",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_PROBLEM_JSON_VALUE,
                            schema = @Schema(implementation = ProblemDetail.class)))
    ResponseEntity<Resource> download(
            @PathVariable UUID id, @Parameter(example = "model.safetensors") @PathVariable String path) {
        Job job = jobs.get(id);
        if (job.state() != JobState.SUCCEEDED) {
            throw new JobNotDoneException(job);
        }
        String file = path.substring(1);
        Artifact artifact = checkpoints
                .find(checkpoint(job), file)
                .orElseThrow(() -> new ProblemException(
                        Problem.NOT_FOUND,
                        "artifact %s of job %s: not found (expected: a path of the listing)".formatted(file, id)));
        ContentDisposition attachment = ContentDisposition.attachment()
                .filename(file.substring(file.lastIndexOf('/') + 1), StandardCharsets.UTF_8)
                .build();
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .contentLength(artifact.bytes())
                .header(HttpHeaders.CONTENT_DISPOSITION, attachment.toString())
                .body(new InputStreamResource(() -> checkpoints.open(artifact)));
    }

    private String checkpoint(Job job) {
        return new Outcome(tasks.results(job.id()).values())
                .publishedCheckpoint()
                .orElseThrow(() -> new JobNotDoneException(job));
    }
}
