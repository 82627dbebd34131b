package dev.quipforge.engine.compute.vector.attention;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.vector.lanes.SoftmaxKernels;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The numerators of attention's softmax, relative to that of the largest score.
 *
 * @param geometry scale and cap of the scores
 * @param sinks one more score of every head, [1 × heads]; null for none
 */
public record AttentionPowers(
        AttentionGeometry geometry, @Nullable Matrix sinks) {

    /**
     * Replaces the scores of the keys that a query sees by exponentials.
     *
     * @param scores as the products give them, neither scaled nor capped
     * @param count how many
     * @param head whose they are
     * @return the sum of exponentials, with that of the sink
     */
    public double replace(MemorySegment scores, int count, int head) {
        float scale = geometry.scale();
        if (geometry.cap() > 0) {
            SoftmaxKernels.cap(scores, count, scale, geometry.cap());
            scale = 1;
        }
        float largest = SoftmaxKernels.largest(scores, count);
        double sum = SoftmaxKernels.exponentiate(scores, count, scale, largest);
        return sum + ofSink(head, scale * largest);
    }

    /** The exponential of the sink of a head, relative to that of the largest score; zero without sinks. */
    double ofSink(int head, float largest) {
        return sinks == null
                ? 0
                : StrictMath.exp((double) HostMatrix.require(sinks).get(0, head) - largest);
    }
}
