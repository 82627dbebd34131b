package dev.quipforge.selftest;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.LargeShapesContract;

/** Shapes that a GPU needs to show all its kernels, and that would take a CPU many minutes. */
class LargeShapesSuite extends LargeShapesContract {

    @Override
    protected ComputeBackend backend() {
        return DeviceSuite.backend();
    }
}
