package dev.quipforge.gateway.registry;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.UUID;

/**
 * A model that the platform knows.
 *
 * @param name name for people
 * @param kind where it comes from
 * @param prefix where its files are in the artifact store
 * @param digest SHA-256 that names it
 * @param parameters number of parameters
 * @param bytes bytes of its weights, or of all files of a checkpoint
 * @param job the job that brought it first
 * @param createdAt when
 */
@Schema(name = "Model")
public record RegisteredModel(
        @Schema(example = "demo-qtip-3inst-2bit") String name,
        Kind kind,

        @Schema(example = "checkpoints/6f1ed002ab5595859014ebf0951522d9")
        String prefix,

        String digest,
        long parameters,
        long bytes,
        UUID job,
        Instant createdAt) {

    /** Where a model comes from. */
    @Schema(name = "ModelKind")
    public enum Kind {
        /** Imported. */
        ORIGINAL,
        /** Made by a job. */
        QUANTIZED
    }
}
