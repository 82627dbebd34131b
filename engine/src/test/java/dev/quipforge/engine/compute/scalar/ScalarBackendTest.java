package dev.quipforge.engine.compute.scalar;

import dev.quipforge.engine.compute.CodebookOpsContract;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.DenseOpsContract;
import dev.quipforge.engine.compute.FactorOpsContract;
import dev.quipforge.engine.compute.GradientOpsContract;
import dev.quipforge.engine.compute.HadamardOpsContract;
import dev.quipforge.engine.compute.PackedOpsContract;
import dev.quipforge.engine.compute.TransformerOpsContract;
import dev.quipforge.engine.compute.TrellisOpsContract;
import org.junit.jupiter.api.Nested;

/** The definition passes its own contract: what is checked beyond agreement is checked here. */
class ScalarBackendTest {

    private static final ComputeBackend BACKEND = new ScalarBackendProvider().open();

    @Nested
    class Dense extends DenseOpsContract {
        @Override
        protected ComputeBackend backend() {
            return BACKEND;
        }
    }

    @Nested
    class HadamardTransforms extends HadamardOpsContract {
        @Override
        protected ComputeBackend backend() {
            return BACKEND;
        }
    }

    @Nested
    class Transformer extends TransformerOpsContract {
        @Override
        protected ComputeBackend backend() {
            return BACKEND;
        }
    }

    @Nested
    class Gradients extends GradientOpsContract {
        @Override
        protected ComputeBackend backend() {
            return BACKEND;
        }
    }

    @Nested
    class Factorizations extends FactorOpsContract {
        @Override
        protected ComputeBackend backend() {
            return BACKEND;
        }
    }

    @Nested
    class TrellisCodes extends TrellisOpsContract {
        @Override
        protected ComputeBackend backend() {
            return BACKEND;
        }
    }

    @Nested
    class CodebookSearch extends CodebookOpsContract {
        @Override
        protected ComputeBackend backend() {
            return BACKEND;
        }
    }

    @Nested
    class PackedProducts extends PackedOpsContract {
        @Override
        protected ComputeBackend backend() {
            return BACKEND;
        }
    }
}
