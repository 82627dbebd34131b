package dev.quipforge.llm.family;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;

class ScalarFamiliesTest extends FamiliesContract {

    private final ComputeBackend backend = ComputeBackends.named("scalar");

    @Override
    protected ComputeBackend backend() {
        return backend;
    }
}
