package dev.quipforge.inference.serving;

import dev.quipforge.kit.artifact.Artifact;
import dev.quipforge.kit.artifact.ArtifactStore;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The models in the store that are complete: {@code models/<digest>} as they were imported, {@code checkpoints/<digest>}
 * quantized. What is complete has its checksums.
 */
public final class ModelCatalog {

    private static final List<String> KINDS = List.of("models/", "checkpoints/");
    private static final Pattern ID = Pattern.compile("(?:models|checkpoints)/[A-Za-z0-9._-]+");
    private static final String COMPLETE = "/SHA256SUMS";

    private final ArtifactStore store;

    ModelCatalog(ArtifactStore store) {
        this.store = store;
    }

    /** The names of all complete models. */
    public List<String> models() {
        return KINDS.stream()
                .flatMap(kind -> store.list(kind).stream())
                .map(Artifact::key)
                .filter(key -> key.endsWith(COMPLETE))
                .map(key -> key.substring(0, key.length() - COMPLETE.length()))
                .toList();
    }

    /** Whether there is a complete model of that name. */
    public boolean contains(String model) {
        return ID.matcher(model).matches()
                && Stream.of(".", "..").noneMatch(dots -> model.endsWith("/" + dots))
                && store.exists(model + COMPLETE);
    }
}
