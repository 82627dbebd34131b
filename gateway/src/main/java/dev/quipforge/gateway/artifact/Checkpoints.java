package dev.quipforge.gateway.artifact;

import dev.quipforge.kit.artifact.Artifact;
import dev.quipforge.kit.artifact.ArtifactException;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.artifact.Digests;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Complete checkpoints in the artifact store. */
final class Checkpoints {

    private static final String SUMS = "SHA256SUMS";

    private final ArtifactStore store;

    Checkpoints(ArtifactStore store) {
        this.store = store;
    }

    /** The files under the prefix with the checksums that the checkpoint itself states, by path. */
    List<ArtifactList.Entry> files(String prefix) {
        byte[] sums = store.read(prefix + "/" + SUMS);
        Map<String, String> digests = parse(new String(sums, StandardCharsets.UTF_8));
        digests.put(SUMS, Digests.sha256(sums));
        return store.list(prefix + "/").stream()
                .map(artifact -> entry(artifact, prefix, digests))
                .toList();
    }

    private static ArtifactList.Entry entry(Artifact artifact, String prefix, Map<String, String> digests) {
        String path = artifact.key().substring(prefix.length() + 1);
        String digest = digests.get(path);
        if (digest == null) {
            throw new ArtifactException(artifact.key(), "not in " + SUMS + " (expected: every file of the checkpoint)");
        }
        return new ArtifactList.Entry(path, artifact.bytes(), digest);
    }

    private static Map<String, String> parse(String sums) {
        Map<String, String> digests = new HashMap<>();
        sums.lines()
                .map(line -> line.split("\\s+\\*?", 2))
                .filter(parts -> parts.length == 2)
                .forEach(parts -> {
                    digests.put(parts[1], parts[0]);
                });
        return digests;
    }

    /** A file of the checkpoint; nothing for a path that names none, whatever is in it. */
    Optional<Artifact> find(String prefix, String path) {
        try {
            return store.find(prefix + "/" + path);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The content; the caller closes it. */
    InputStream open(Artifact artifact) {
        return store.open(artifact.key());
    }
}
