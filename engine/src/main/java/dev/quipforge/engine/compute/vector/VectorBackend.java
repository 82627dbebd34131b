package dev.quipforge.engine.compute.vector;

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
import dev.quipforge.engine.compute.vector.decode.VectorDecodeOps;
import dev.quipforge.engine.compute.vector.dense.Products;
import dev.quipforge.engine.compute.vector.dense.VectorDenseOps;
import dev.quipforge.engine.compute.vector.dense.VectorFactorOps;
import dev.quipforge.engine.compute.vector.lanes.Buffers;
import dev.quipforge.engine.compute.vector.lanes.Lanes;
import dev.quipforge.engine.compute.vector.lanes.Workers;
import dev.quipforge.engine.compute.vector.packed.VectorPackedOps;
import dev.quipforge.engine.compute.vector.transformer.VectorGradientOps;
import dev.quipforge.engine.compute.vector.transformer.VectorTransformerOps;
import dev.quipforge.engine.compute.vector.viterbi.VectorTrellisOps;

/** The CPU at full speed. */
final class VectorBackend extends HostBackend {

    private final Buffers buffers;
    private final Workers workers;
    private final Products products;
    private final VectorDenseOps dense;
    private final VectorHadamardOps hadamard;
    private final VectorFactorOps factor;
    private final VectorCodebookOps codebook;
    private final VectorTrellisOps trellis;
    private final VectorPackedOps packed;
    private final VectorTransformerOps transformer;
    private final VectorDecodeOps decode;
    private final VectorGradientOps gradient;

    VectorBackend(Workers workers, Products products) {
        this.buffers = new Buffers();
        this.workers = workers;
        this.products = products;
        this.dense = new VectorDenseOps(workers, products);
        this.hadamard = new VectorHadamardOps(workers);
        this.factor = new VectorFactorOps(workers, products);
        this.codebook = new VectorCodebookOps(workers);
        this.trellis = new VectorTrellisOps(workers);
        this.packed = new VectorPackedOps(workers);
        this.transformer = new VectorTransformerOps(workers, products, buffers);
        this.decode = new VectorDecodeOps(workers, buffers);
        this.gradient = new VectorGradientOps(workers, products, buffers);
    }

    @Override
    public String name() {
        return "vector";
    }

    @Override
    public String description() {
        return "Vector API with %d bits, %s, threads: %d"
                .formatted(Lanes.FLOATS.vectorBitSize(), products.description(), workers.threads());
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
        workers.close();
        buffers.close();
    }
}
