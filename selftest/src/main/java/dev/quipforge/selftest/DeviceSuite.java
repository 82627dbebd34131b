package dev.quipforge.selftest;

import dev.quipforge.engine.compute.CodebookOpsContract;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.DecodeOpsContract;
import dev.quipforge.engine.compute.DenseOpsContract;
import dev.quipforge.engine.compute.FactorOpsContract;
import dev.quipforge.engine.compute.GradientOpsContract;
import dev.quipforge.engine.compute.HadamardOpsContract;
import dev.quipforge.engine.compute.PackedOpsContract;
import dev.quipforge.engine.compute.TransformerOpsContract;
import dev.quipforge.engine.compute.TrellisOpsContract;
import dev.quipforge.llm.family.FamiliesContract;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;

/** What every backend must do, on the one that {@link #on} names. */
class DeviceSuite {

    private static @Nullable ComputeBackend backend;

    /** Chooses the backend; its owner closes it after the run. */
    static void on(ComputeBackend opened) {
        backend = opened;
    }

    static ComputeBackend backend() {
        return Objects.requireNonNull(backend, "no backend was chosen");
    }

    @Nested
    class Dense extends DenseOpsContract {
        @Override
        protected ComputeBackend backend() {
            return DeviceSuite.backend();
        }
    }

    @Nested
    class HadamardTransforms extends HadamardOpsContract {
        @Override
        protected ComputeBackend backend() {
            return DeviceSuite.backend();
        }
    }

    @Nested
    class Factorizations extends FactorOpsContract {
        @Override
        protected ComputeBackend backend() {
            return DeviceSuite.backend();
        }
    }

    @Nested
    class Decoding extends DecodeOpsContract {
        @Override
        protected ComputeBackend backend() {
            return DeviceSuite.backend();
        }
    }

    @Nested
    class Transformer extends TransformerOpsContract {
        @Override
        protected ComputeBackend backend() {
            return DeviceSuite.backend();
        }
    }

    @Nested
    class CodebookSearch extends CodebookOpsContract {
        @Override
        protected ComputeBackend backend() {
            return DeviceSuite.backend();
        }
    }

    @Nested
    class Trellises extends TrellisOpsContract {
        @Override
        protected ComputeBackend backend() {
            return DeviceSuite.backend();
        }
    }

    @Nested
    class Gradients extends GradientOpsContract {
        @Override
        protected ComputeBackend backend() {
            return DeviceSuite.backend();
        }
    }

    /** Whole models, one of each family. */
    @Nested
    class Families extends FamiliesContract {

        /** A GPU rounds layers of many tokens to bf16: simulated on a CPU, that moves a logit by 0.0022 of the largest. */
        private static final double ROUNDED = 5e-3;

        @Override
        protected ComputeBackend backend() {
            return DeviceSuite.backend();
        }

        @Override
        protected double tolerance() {
            return backend().name().equals("cuda") ? ROUNDED : super.tolerance();
        }
    }

    @Nested
    class PackedProducts extends PackedOpsContract {
        @Override
        protected ComputeBackend backend() {
            return DeviceSuite.backend();
        }
    }
}
