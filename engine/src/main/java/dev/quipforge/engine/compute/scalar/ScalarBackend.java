package dev.quipforge.engine.compute.scalar;

import dev.quipforge.engine.compute.CodebookOps;
import dev.quipforge.engine.compute.DecodeOps;
import dev.quipforge.engine.compute.DenseOps;
import dev.quipforge.engine.compute.FactorOps;
import dev.quipforge.engine.compute.GradientOps;
import dev.quipforge.engine.compute.HadamardOps;
import dev.quipforge.engine.compute.PackedOps;
import dev.quipforge.engine.compute.TransformerOps;
import dev.quipforge.engine.compute.TrellisOps;
import dev.quipforge.engine.compute.host.HostBackend;

/** The definition of every operation, on one thread. */
final class ScalarBackend extends HostBackend {

    private final ScalarDenseOps dense = new ScalarDenseOps();
    private final ScalarHadamardOps hadamard = new ScalarHadamardOps();
    private final ScalarCodebookOps codebook = new ScalarCodebookOps();
    private final ScalarTrellisOps trellis = new ScalarTrellisOps();
    private final ScalarPackedOps packed = new ScalarPackedOps();
    private final ScalarFactorOps factor = new ScalarFactorOps();
    private final ScalarTransformerOps transformer = new ScalarTransformerOps();
    private final ScalarDecodeOps decode = new ScalarDecodeOps();
    private final ScalarGradientOps gradient = new ScalarGradientOps();

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public String description() {
        return "plain Java, one thread";
    }

    @Override
    public DenseOps dense() {
        return dense;
    }

    @Override
    public HadamardOps hadamard() {
        return hadamard;
    }

    @Override
    public FactorOps factor() {
        return factor;
    }

    @Override
    public CodebookOps codebook() {
        return codebook;
    }

    @Override
    public TrellisOps trellis() {
        return trellis;
    }

    @Override
    public PackedOps packed() {
        return packed;
    }

    @Override
    public DecodeOps decode() {
        return decode;
    }

    @Override
    public TransformerOps transformer() {
        return transformer;
    }

    @Override
    public GradientOps gradient() {
        return gradient;
    }

    @Override
    public void close() {
        // owns nothing but what its workspaces own
    }
}
