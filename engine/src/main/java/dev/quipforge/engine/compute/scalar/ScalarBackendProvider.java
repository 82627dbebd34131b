package dev.quipforge.engine.compute.scalar;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackendProvider;

/** Opens the scalar backend, which runs everywhere. */
public final class ScalarBackendProvider implements ComputeBackendProvider {

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public int preference() {
        return 0;
    }

    @Override
    public ComputeBackend open() {
        return new ScalarBackend();
    }
}
