package dev.quipforge.finetune;

import dev.quipforge.contracts.Activations;
import dev.quipforge.contracts.GroupFiles;
import dev.quipforge.contracts.QuantizationRecipe;
import dev.quipforge.contracts.TuneBlock;
import dev.quipforge.contracts.TuneModel;
import dev.quipforge.contracts.TuningRecipe;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.config.QuantizationNames;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.testing.QuantizedModels;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A tiny quantized model in the store, and tasks that tune it. */
final class Trainings {

    static final int SAMPLES = 10;

    private static final Activations ACTIVATIONS = new Activations("activations/tiny", List.of("0-5", "5-10"));

    private final QuantizedModels models;

    private Trainings(QuantizedModels models) {
        this.models = models;
    }

    /** Makes the model and puts all of it into the store. */
    static Trainings make(Path folder, ArtifactStore store) {
        QuantizedModels models = QuantizedModels.make(folder, SAMPLES);
        store.putDirectory("models/tiny", folder.resolve("model"));
        store.putDirectory("quantized/tiny", folder.resolve("groups"));
        store.putDirectory(ACTIVATIONS.prefix(), folder.resolve("activations"));
        Path tokens = folder.resolve("tokens.safetensors");
        models.windows().write(tokens);
        store.put("calibration/tiny/tokens.safetensors", tokens);
        return new Trainings(models);
    }

    QuantizedModels models() {
        return models;
    }

    /** A recipe of so many epochs that does not stop early. */
    static TuningRecipe epochs(int count) {
        TuningRecipe.Schedule schedule = new TuningRecipe.Schedule(5e-3, 2e-3, count, 2, 2, 0.2, 0.0);
        return new TuningRecipe("blocks+end-to-end", "standard", schedule, schedule, 0.2, 1000);
    }

    QuantizationRecipe recipe() {
        QuantizationNames names = QuantizationNames.of(models.scheme().standard());
        return new QuantizationRecipe(
                names.method(),
                names.code(),
                names.bits(),
                names.tailBiting(),
                names.rounding(),
                names.transform(),
                names.passes(),
                names.seed());
    }

    /** Tunes block 1 after its first {@code groups} groups. */
    TuneBlock block(int groups, @Nullable String overlay, TuningRecipe tuning, String output) {
        List<String> keys = keys().subList(4, 4 + groups);
        String last = keys.getLast();
        String input = last.substring(last.lastIndexOf('/') + 1, last.lastIndexOf('.'));
        return new TuneBlock("models/tiny", 1, input, keys, overlay, ACTIVATIONS, recipe(), tuning, output);
    }

    /** Tunes the model. */
    TuneModel model(List<String> overlays, TuningRecipe tuning, String output) {
        return new TuneModel(
                "models/tiny",
                null,
                overlays,
                "calibration/tiny/tokens.safetensors",
                ACTIVATIONS,
                recipe(),
                tuning,
                output,
                GroupFiles.of(keys()));
    }

    private List<String> keys() {
        try (ModelDirectory model = models.open()) {
            return model.linearGroups().stream()
                    .map(LinearGroup::path)
                    .map("quantized/tiny/%s.safetensors"::formatted)
                    .toList();
        }
    }
}
