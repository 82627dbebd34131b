package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.architecture.FeedForwardSpec.Gated;
import dev.quipforge.llm.transformer.GatedForward.Inner;
import java.util.List;

/**
 * The backward pass of {@link GatedForward}.
 *
 * @param layers of the block
 */
record GatedBackward(LayersBackward layers) {

    /**
     * Takes a gradient back.
     *
     * @param spec which gated product
     * @param read what it read
     * @param inner as the forward pass left it; overwritten
     * @param gradient with respect to the result; left as it is
     * @param readGradient receives that with respect to {@code read}; may be that
     */
    void run(Gated spec, Matrix read, Inner inner, Matrix gradient, Matrix readGradient) {
        layers.project(List.of(spec.down()), List.of(gradient), inner.gated(), inner.gated());
        layers.backend()
                .gradient()
                .gate(spec.activation(), inner.gate(), inner.up(), inner.gated(), inner.gate(), inner.up());
        layers.project(List.of(spec.gate(), spec.up()), List.of(inner.gate(), inner.up()), read, readGradient);
    }
}
