package dev.quipforge.engine.compute.vector;

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
import dev.quipforge.engine.compute.vector.dense.Products;
import dev.quipforge.engine.compute.vector.lanes.Workers;
import org.junit.jupiter.api.Nested;

/** The vector backend passes the contract, with OpenBLAS and without, on several threads. */
class VectorBackendTest {

    private static final ComputeBackend BACKEND = new VectorBackend(new Workers(3), Products.best());
    private static final ComputeBackend WITHOUT_BLAS = new VectorBackend(new Workers(1), Products.onLanes());

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
    class DenseWithoutBlas extends DenseOpsContract {
        @Override
        protected ComputeBackend backend() {
            return WITHOUT_BLAS;
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
    class Decoding extends DecodeOpsContract {
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
    class GradientsWithoutBlas extends GradientOpsContract {
        @Override
        protected ComputeBackend backend() {
            return WITHOUT_BLAS;
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
    class FactorizationsWithoutBlas extends FactorOpsContract {
        @Override
        protected ComputeBackend backend() {
            return WITHOUT_BLAS;
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
