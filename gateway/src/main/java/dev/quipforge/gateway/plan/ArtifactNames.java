package dev.quipforge.gateway.plan;

import dev.quipforge.contracts.TaskResult.ModelImported;
import dev.quipforge.gateway.request.JobRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The names of everything a job makes. A name is the SHA-256 of a canonical text of all that decides the content, so
 * equal work has equal names: jobs share it, and a job that is run again finds what is there.
 *
 * <p>The first line of a canonical text names the kind and its version; whoever changes how a result is computed or
 * laid out raises the version.
 */
final class ArtifactNames {

    private final String calibration;
    private final String quantized;
    private final String checkpoint;
    private final String evaluation;

    ArtifactNames(JobRequest request, ModelImported imported, int shard) {
        JobRequest.Recipe recipe = request.recipe();
        calibration = digest(
                "quipforge calibration 1",
                "model " + imported.digest(),
                "tokens " + imported.tokens(),
                "samples " + imported.samples(),
                "context " + imported.context(),
                "shard " + shard);
        quantized = digest(
                "quipforge quantized 2",
                "calibration " + calibration,
                "method " + recipe.method(),
                "code " + recipe.code(),
                "bits " + recipe.bits(),
                "tail-biting " + recipe.tailBiting(),
                "rounding " + recipe.rounding(),
                "transform " + recipe.transform(),
                "passes " + recipe.passes(),
                "seed " + recipe.seed());
        JobRequest.Evaluation evaluated = request.evaluation();
        checkpoint = digest(
                "quipforge checkpoint 1",
                "quantized " + quantized,
                "name " + imported.name(),
                "evaluation " + (evaluated == null ? "none" : imported.evaluationText() + " " + evaluated.window()));
        evaluation = digest("quipforge evaluation 1", "checkpoint " + checkpoint);
    }

    /** Prefix of the Hessians. */
    String calibration() {
        return "calibration/" + calibration;
    }

    /** Prefix of the sums of the samples from {@code first} to {@code last}, exclusive. */
    String shard(int first, int last) {
        return "%s/shards/%d-%d".formatted(calibration(), first, last);
    }

    /** Key of a Hessian. */
    String hessian(int block, String input) {
        return "%s/%d/%s.safetensors".formatted(calibration(), block, input);
    }

    /** Key of a quantized group. */
    String group(int block, String input) {
        return "quantized/%s/%d/%s.safetensors".formatted(quantized, block, input);
    }

    /** Prefix of the checkpoint. Its model card shows the figures, so what is measured is part of its name. */
    String checkpoint() {
        return "checkpoints/" + checkpoint;
    }

    /** Key of the figures. */
    String evaluation() {
        return "evaluations/%s.json".formatted(evaluation);
    }

    private static String digest(String... lines) {
        try {
            byte[] canonical = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(canonical));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
