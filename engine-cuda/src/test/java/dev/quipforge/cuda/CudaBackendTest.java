package dev.quipforge.cuda;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.quipforge.engine.compute.BackendUnavailableException;
import dev.quipforge.engine.compute.CodebookOpsContract;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.DecodeOpsContract;
import dev.quipforge.engine.compute.DenseOpsContract;
import dev.quipforge.engine.compute.FactorOpsContract;
import dev.quipforge.engine.compute.GradientOpsContract;
import dev.quipforge.engine.compute.HadamardOpsContract;
import dev.quipforge.engine.compute.LargeShapesContract;
import dev.quipforge.engine.compute.PackedOpsContract;
import dev.quipforge.engine.compute.TransformerOpsContract;
import dev.quipforge.engine.compute.TrellisOpsContract;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** The CUDA backend passes the contract; without a card it is skipped, and the report says why. */
@Tag("gpu")
class CudaBackendTest {

    private static @Nullable ComputeBackend opened;
    private static String reason = "not opened";

    @BeforeAll
    static void open() {
        try {
            opened = ComputeBackends.named("cuda");
        } catch (BackendUnavailableException e) {
            reason = String.valueOf(e.getMessage());
        }
    }

    @AfterAll
    static void close() {
        if (opened != null) {
            opened.close();
        }
    }

    private static ComputeBackend cuda() {
        return opened == null ? abort(reason) : opened;
    }

    @Nested
    class Dense extends DenseOpsContract {
        @Override
        protected ComputeBackend backend() {
            return cuda();
        }
    }

    @Nested
    class HadamardTransforms extends HadamardOpsContract {
        @Override
        protected ComputeBackend backend() {
            return cuda();
        }
    }

    @Nested
    class Factorizations extends FactorOpsContract {
        @Override
        protected ComputeBackend backend() {
            return cuda();
        }
    }

    @Nested
    class Decoding extends DecodeOpsContract {
        @Override
        protected ComputeBackend backend() {
            return cuda();
        }
    }

    @Nested
    class Transformer extends TransformerOpsContract {
        @Override
        protected ComputeBackend backend() {
            return cuda();
        }
    }

    @Nested
    class CodebookSearch extends CodebookOpsContract {
        @Override
        protected ComputeBackend backend() {
            return cuda();
        }
    }

    @Nested
    class Trellises extends TrellisOpsContract {
        @Override
        protected ComputeBackend backend() {
            return cuda();
        }
    }

    @Nested
    class Gradients extends GradientOpsContract {
        @Override
        protected ComputeBackend backend() {
            return cuda();
        }
    }

    @Nested
    class PackedProducts extends PackedOpsContract {
        @Override
        protected ComputeBackend backend() {
            return cuda();
        }
    }

    @Nested
    class LargeShapes extends LargeShapesContract {
        @Override
        protected ComputeBackend backend() {
            return cuda();
        }
    }
}
