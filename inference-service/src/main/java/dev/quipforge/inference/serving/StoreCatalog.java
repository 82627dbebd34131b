package dev.quipforge.inference.serving;

import dev.quipforge.kit.artifact.Artifact;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.artifact.CachedDirectory;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The models in the store that are complete: {@code models/<digest>} as they were imported, {@code checkpoints/<digest>}
 * quantized. What is complete has its checksums.
 */
final class StoreCatalog implements ModelCatalog {

    private static final List<String> KINDS = List.of("models/", "checkpoints/");
    private static final Pattern ID = Pattern.compile("(?:models|checkpoints)/[A-Za-z0-9._-]+");
    private static final String COMPLETE = "/SHA256SUMS";

    private final ArtifactStore store;
    private final ArtifactCache cache;

    StoreCatalog(ArtifactStore store, ArtifactCache cache) {
        this.store = store;
        this.cache = cache;
    }

    @Override
    public List<String> models() {
        return KINDS.stream()
                .flatMap(kind -> store.list(kind).stream())
                .map(Artifact::key)
                .filter(key -> key.endsWith(COMPLETE))
                .map(key -> key.substring(0, key.length() - COMPLETE.length()))
                .toList();
    }

    @Override
    public boolean contains(String model) {
        return ID.matcher(model).matches()
                && Stream.of(".", "..").noneMatch(dots -> model.endsWith("/" + dots))
                && store.exists(model + COMPLETE);
    }

    @Override
    public ModelFiles open(String model) {
        CachedDirectory files = cache.open(model);
        return new ModelFiles() {

            @Override
            public Path path() {
                return files.path();
            }

            @Override
            public void close() {
                files.close();
            }
        };
    }
}
