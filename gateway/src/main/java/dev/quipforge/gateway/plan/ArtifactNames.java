package dev.quipforge.gateway.plan;

import dev.quipforge.contracts.QuantizationRecipe;
import dev.quipforge.contracts.TaskResult.ModelImported;
import dev.quipforge.contracts.TuningRecipe;
import dev.quipforge.gateway.cleanup.Intermediate;
import dev.quipforge.gateway.request.JobRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The names of everything a job makes. A name is the SHA-256 of a canonical text of all that decides the content, so
 * equal work has equal names: jobs share it, and a job that is run again finds what is there.
 *
 * <p>The first line of a canonical text names the kind and its version; whoever changes how a result is computed or
 * laid out raises the version.
 */
final class ArtifactNames {

    private final String generated;
    private final boolean written;
    private final String tokens;
    private final String calibration;
    private final String activations;
    private final QuantizationRecipe recipe;
    private final @Nullable TuningNames tuning;
    private final String checkpoint;
    private final String evaluation;

    ArtifactNames(JobRequest request, ModelImported imported, int shard) {
        generated = generated(imported, request.recipe().seed(), shard);
        written = imported.tokens() == null;
        tokens = imported.tokens() == null ? joined(generated, imported.samples()) : imported.tokens();
        calibration = windows("quipforge calibration 2", imported, tokens, shard);
        activations = windows("quipforge activations 1", imported, tokens, shard);
        recipe = Recipes.of(request.recipe());
        String quantized = quantized(calibration, recipe);
        TuningRecipe tuned = request.recipe().tuning();
        tuning = tuned == null ? null : TuningNames.of(quantized, activations, tuned, request.isTunedEndToEnd());
        checkpoint = checkpoint(request, imported, quantized);
        evaluation = Digest.of("quipforge evaluation 1", "checkpoint " + checkpoint);
    }

    /** The number of windows is no part of it: jobs that ask for more share those that are there. */
    private static String generated(ModelImported imported, long seed, int shard) {
        return Digest.of(
                "quipforge generated windows 2",
                "model " + imported.digest(),
                "context " + imported.context(),
                "seed " + seed,
                "shard " + shard);
    }

    private static String joined(String generated, int samples) {
        String digest = Digest.of("quipforge joined windows 1", "generated " + generated, "samples " + samples);
        return "calibration/%s/tokens.safetensors".formatted(digest);
    }

    private static String windows(String kind, ModelImported imported, String tokens, int shard) {
        return Digest.of(
                kind,
                "model " + imported.digest(),
                "tokens " + tokens,
                "samples " + imported.samples(),
                "context " + imported.context(),
                "shard " + shard);
    }

    /** Of all groups together: what their settings have in common, and what some have of their own. */
    private static String quantized(String calibration, QuantizationRecipe recipe) {
        List<String> lines = new ArrayList<>(List.of("quipforge quantized 4", "calibration " + calibration));
        lines.addAll(lines(recipe));
        if (recipe.overrides() != null) {
            recipe.overrides().forEach((groups, own) -> {
                lines.add("groups " + groups);
                lines.addAll(lines(own));
            });
        }
        return Digest.of(lines.toArray(String[]::new));
    }

    private static List<String> lines(QuantizationRecipe recipe) {
        return List.of(
                "method " + recipe.method(),
                "code " + recipe.code(),
                "bits " + recipe.bits(),
                "tail-biting " + recipe.tailBiting(),
                "rounding " + recipe.rounding(),
                "transform " + recipe.transform(),
                "passes " + recipe.passes(),
                "seed " + recipe.seed());
    }

    private String checkpoint(JobRequest request, ModelImported imported, String quantized) {
        JobRequest.Evaluation evaluated = request.evaluation();
        List<String> lines = new ArrayList<>(List.of(
                "quipforge checkpoint 1",
                "quantized " + quantized,
                "name " + imported.name(),
                "evaluation " + (evaluated == null ? "none" : imported.evaluationText() + " " + evaluated.window())));
        if (tuning != null) {
            lines.add("tuned " + tuning.last());
        }
        return Digest.of(lines.toArray(String[]::new));
    }

    /** Key of a range of the windows that the model writes. */
    String generated(Shard shard) {
        return "windows/%s/%s.safetensors".formatted(generated, shard.range());
    }

    /** Key of all calibration windows. */
    String tokens() {
        return tokens;
    }

    /** Prefix of the Hessians. */
    String calibration() {
        return "calibration/" + calibration;
    }

    /** Prefix of the sums of a shard. */
    String shard(Shard shard) {
        return shards() + "/" + shard.range();
    }

    /** Prefix of the sums of all shards. */
    private String shards() {
        return calibration() + "/shards";
    }

    /** Key of a Hessian. */
    String hessian(int block, String input) {
        return "%s/%d/%s.safetensors".formatted(calibration(), block, input);
    }

    /** Prefix of the hidden states of the original. */
    String activations() {
        return "activations/" + activations;
    }

    /** Key of a quantized group of the original's weights; nothing in it depends on the settings of other groups. */
    String group(int block, String input) {
        String own = quantized(calibration, Recipes.ofGroup(recipe, block, input));
        return "quantized/%s/%d/%s.safetensors".formatted(own, block, input);
    }

    /** Key of a quantized group of weights that were tuned before. */
    String tunedGroup(int block, String input) {
        return "quantized/%s/%d/%s.safetensors".formatted(tuning().blocks(), block, input);
    }

    /** The block that a quantized group is of, by its key. */
    static int blockOf(String group) {
        return Integer.parseInt(Path.of(group).getName(2).toString());
    }

    /** Key of the weights of a block, tuned after that group was quantized. */
    String tunedBlock(int block, String input) {
        return "tuned/%s/%d/%s.safetensors".formatted(tuning().blocks(), block, input);
    }

    /** Key of the tuned weights of the whole model. */
    String tunedModel() {
        return "tuned/%s/model.safetensors".formatted(tuning().model());
    }

    /**
     * What goes some time after the last job that uses it. Windows of a text stay: they are small, and an import takes what is
     * there before the gateway hears of it.
     */
    List<Intermediate> intermediates() {
        List<Intermediate> all = new ArrayList<>();
        if (written) {
            all.add(Intermediate.reusable("windows/" + generated));
            all.add(Intermediate.reusable(parent(tokens)));
        }
        all.add(Intermediate.reusable(calibration()));
        all.add(Intermediate.passing(shards()));
        recipes()
                .map(own -> "quantized/" + quantized(calibration, own))
                .distinct()
                .forEach(prefix -> all.add(Intermediate.reusable(prefix)));
        if (tuning != null) {
            all.add(Intermediate.passing(activations()));
            Stream.of(tuning.blocks(), tuning.model())
                    .flatMap(Stream::ofNullable)
                    .forEach(tuned -> {
                        all.add(Intermediate.passing(training(tuned)));
                        all.add(Intermediate.reusable("tuned/" + tuned));
                    });
            all.add(Intermediate.reusable("quantized/" + tuning.blocks()));
        }
        return all;
    }

    /** That of most groups, and those that some have of their own. */
    private Stream<QuantizationRecipe> recipes() {
        Map<String, QuantizationRecipe> overrides = recipe.overrides();
        return Stream.concat(
                Stream.of(recipe.withOverrides(null)),
                overrides == null ? Stream.empty() : overrides.values().stream());
    }

    /** The finetune-service puts {@code trainings/} before the key of the result. */
    private static String training(String digest) {
        return "trainings/tuned/" + digest;
    }

    private static String parent(String key) {
        return key.substring(0, key.lastIndexOf('/'));
    }

    private TuningNames tuning() {
        if (tuning == null) {
            throw new IllegalStateException("tuning: none (expected: a job with tuning)");
        }
        return tuning;
    }

    /** Prefix of the checkpoint. Its model card shows the figures, so what is measured is part of its name. */
    String checkpoint() {
        return "checkpoints/" + checkpoint;
    }

    /** Key of the figures. */
    String evaluation() {
        return "evaluations/%s.json".formatted(evaluation);
    }
}
