package dev.quipforge.kit.task;

import dev.quipforge.contracts.TaskResult;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.json.ContractsJson;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Results of tasks that were done, beside what they made: {@code results/<output>.json}. A result is stored after everything
 * it speaks of, so where it is, the output is whole.
 */
public final class TaskResults {

    private static final Logger LOG = LoggerFactory.getLogger(TaskResults.class);

    private final ArtifactStore store;

    /** Results in that store. */
    public TaskResults(ArtifactStore store) {
        this.store = store;
    }

    /**
     * The result that is there, or else that of the computation, which is stored.
     *
     * @param output key or prefix that the task writes to
     * @param type the kind of result
     * @param computation computes the result and stores all outputs
     */
    public <R extends TaskResult> R computeOnce(String output, Class<R> type, Computation<R> computation)
            throws IOException {
        String key = key(output);
        Optional<R> found = find(key, type);
        if (found.isPresent()) {
            LOG.info("already there: output={}", output);
            return found.get();
        }
        R result = computation.compute();
        store.put(key, ContractsJson.mapper().writeValueAsBytes(result));
        return result;
    }

    /** Whether the result for that output is there, and so everything that it speaks of. */
    public boolean exists(String output) {
        return store.exists(key(output));
    }

    private static String key(String output) {
        return "results/" + output + ".json";
    }

    private <R extends TaskResult> Optional<R> find(String key, Class<R> type) {
        if (!store.exists(key)) {
            return Optional.empty();
        }
        try {
            return Optional.of(type.cast(ContractsJson.mapper().readValue(store.read(key), TaskResult.class)));
        } catch (JacksonException | ClassCastException e) {
            LOG.warn("unreadable result, computed again: key={} reason={}", key, e.toString());
            store.delete(key);
            return Optional.empty();
        }
    }

    /** Computes a result. */
    @FunctionalInterface
    public interface Computation<R> {

        /** Computes it and stores all outputs. */
        R compute() throws IOException;
    }
}
