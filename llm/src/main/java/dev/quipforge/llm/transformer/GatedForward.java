package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.architecture.FeedForwardSpec.Gated;
import java.util.List;

/**
 * The gated product of a block or of an expert.
 *
 * @param backend where to compute
 */
record GatedForward(ComputeBackend backend) {

    /**
     * What it computes between its input and its output, [tokens × inner] each.
     *
     * @param gate the gate; after a pass that is not kept the product
     * @param up the other factor
     * @param gated the product; may be {@code gate}
     */
    record Inner(Matrix gate, Matrix up, Matrix gated) {

        Inner rows(int from, int to) {
            Matrix gates = gate.rows(from, to);
            return new Inner(gates, up.rows(from, to), gated.equals(gate) ? gates : gated.rows(from, to));
        }
    }

    /**
     * Computes it.
     *
     * @param weights of the block
     * @param spec which of its gated products
     * @param read what it reads
     * @param inner buffers
     * @param output receives the result, [tokens × hidden]
     * @param listener sees the inputs of the linears
     */
    void run(BlockWeights weights, Gated spec, Matrix read, Inner inner, Matrix output, InputListener listener) {
        Layers layers = new Layers(backend);
        listener.reads(spec.in(), read);
        layers.project(weights, read, List.of(spec.gate(), spec.up()), List.of(inner.gate, inner.up));
        layers.copy(inner.gate, inner.gated);
        backend.transformer().gate(spec.activation(), inner.gated, inner.up);
        listener.reads(spec.product(), inner.gated);
        layers.project(weights, inner.gated, List.of(spec.down()), List.of(output));
    }
}
