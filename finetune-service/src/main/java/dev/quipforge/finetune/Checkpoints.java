package dev.quipforge.finetune;

import dev.quipforge.kit.artifact.Artifact;
import dev.quipforge.kit.artifact.ArtifactStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/**
 * The checkpoints of all trainings in the artifact store, {@code trainings/<output>/<number>.safetensors}. They are there only
 * while a training goes on, or after its job was cancelled: then the next job that asks for the same goes on from them.
 *
 * @param store where they are
 * @param interval time between two of them, at least; zero for one after every step
 * @param clock tells it
 */
record Checkpoints(ArtifactStore store, Duration interval, Clock clock) {

    private static final String PREFIX = "trainings/";

    /**
     * Those of one training.
     *
     * @param output key of its result
     * @param scratch where files may be written while it runs
     */
    StoredCheckpoints of(String output, Path scratch) {
        return new StoredCheckpoints(this, prefix(output), scratch);
    }

    /** Removes those of a training whose result is stored. */
    void clear(String output) {
        for (Artifact checkpoint : store.list(prefix(output))) {
            store.delete(checkpoint.key());
        }
    }

    private static String prefix(String output) {
        return PREFIX + output + "/";
    }
}
