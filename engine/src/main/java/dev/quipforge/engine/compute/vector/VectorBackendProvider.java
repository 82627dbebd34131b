package dev.quipforge.engine.compute.vector;

import dev.quipforge.engine.compute.BackendUnavailableException;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackendProvider;
import dev.quipforge.engine.compute.vector.dense.Products;
import dev.quipforge.engine.compute.vector.lanes.Workers;

/**
 * Opens the vector backend. The system property {@code quipforge.threads} limits its threads; the results do not depend
 * on it.
 */
public final class VectorBackendProvider implements ComputeBackendProvider {

    @Override
    public String name() {
        return "vector";
    }

    @Override
    public int preference() {
        return 10;
    }

    @Override
    public ComputeBackend open() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            throw new BackendUnavailableException(
                    name(), "the JVM runs without the Vector API (start it with --add-modules jdk.incubator.vector)");
        }
        int processors = Runtime.getRuntime().availableProcessors();
        int threads = Integer.getInteger("quipforge.threads", processors);
        if (threads < 1) {
            throw new BackendUnavailableException(name(), "quipforge.threads: " + threads + " (expected: at least 1)");
        }
        return new VectorBackend(new Workers(threads), Products.best());
    }
}
