package dev.quipforge.gateway.job;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of jobs.
 *
 * @param jobs newest first
 * @param next what to pass as {@code after} for the page that follows; null on the last page
 */
@Schema(name = "JobPage")
record JobPage(
        List<JobView> jobs,
        @Schema(example = "17") @Nullable String next) {

    JobPage {
        jobs = List.copyOf(jobs);
    }
}
