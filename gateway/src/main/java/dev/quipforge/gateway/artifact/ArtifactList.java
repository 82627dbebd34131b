package dev.quipforge.gateway.artifact;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/**
 * The files of a job's checkpoint.
 *
 * @param artifacts by path; none before the checkpoint is complete
 * @param complete whether the checkpoint is
 */
@Schema(name = "ArtifactList")
record ArtifactList(List<Entry> artifacts, boolean complete) {

    ArtifactList {
        artifacts = List.copyOf(artifacts);
    }

    /**
     * A file.
     *
     * @param path within the checkpoint
     * @param bytes its size
     * @param sha256 its SHA-256, hexadecimal
     */
    @Schema(name = "Artifact")
    record Entry(
            @Schema(example = "model.safetensors") String path,
            @Schema(example = "5571072") long bytes,
            String sha256) {}
}
