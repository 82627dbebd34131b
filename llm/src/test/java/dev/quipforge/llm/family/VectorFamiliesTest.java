package dev.quipforge.llm.family;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;

class VectorFamiliesTest extends FamiliesContract {

    private final ComputeBackend backend = ComputeBackends.named("vector");

    @Override
    protected ComputeBackend backend() {
        return backend;
    }
}
