package dev.quipforge.engine.rounding;

import dev.quipforge.engine.compute.CodebookOps;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.DenseOps;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.Workspace;

/**
 * BlockLDLQ (QuIP#, section 4.1; LDLQ of QuIP at block size 1): column blocks are rounded from the last to the first,
 * each after what the errors of those behind it feed back:
 * Ŵ_i = Q(W_i + Σ_{j > i} (W_j − Ŵ_j) · L_ji) with H = L D Lᵀ.
 *
 * <p>The feedback of the blocks behind is added in two steps, one product for a span of blocks at once and small ones
 * within the span; that is only another order of the same sum.
 */
public final class BlockLdlq {

    /** Columns whose common feedback is one product. */
    private static final int SPAN = 128;

    private final ComputeBackend backend;
    private final Matrix lower;
    private final int block;

    /**
     * @param backend where all matrices live
     * @param lower L − I, [n × n], zero on and above the diagonal blocks
     * @param block columns that are rounded together, a divisor of n
     */
    public BlockLdlq(ComputeBackend backend, Matrix lower, int block) {
        Shapes.requireBlocks("lower", lower, block);
        this.backend = backend;
        this.lower = lower;
        this.block = block;
    }

    /**
     * Rounds all columns.
     *
     * @param weights W, [m × n]; becomes the errors W − Ŵ
     * @param rounder rounds one block of columns; called from the last block to the first
     * @param rounded receives Ŵ, same shape
     */
    public void round(Matrix weights, BlockRounder rounder, Matrix rounded) {
        Shapes.require("weights", weights, weights.rows(), lower.rows());
        Shapes.requireSame("rounded", rounded, weights);
        int span = Math.max(block, SPAN / block * block);
        int columns = weights.columns();
        try (Workspace workspace = backend.workspace()) {
            Buffers buffers = new Buffers(
                    workspace.matrix(weights.rows(), span),
                    workspace.matrix(weights.rows(), block),
                    workspace.matrix(weights.rows(), block));
            for (int end = columns; end > 0; end -= Math.min(end, span)) {
                roundSpan(new Span(Math.max(0, end - span), end), weights, rounder, rounded, buffers);
            }
        }
    }

    private record Span(int first, int end) {}

    private record Buffers(Matrix feedback, Matrix target, Matrix rounded) {}

    /** Rounds the columns of one span; those behind it hold their errors already. */
    private void roundSpan(Span span, Matrix weights, BlockRounder rounder, Matrix rounded, Buffers buffers) {
        DenseOps dense = backend.dense();
        int columns = weights.columns();
        Matrix feedback = buffers.feedback.columns(0, span.end - span.first);
        dense.multiply(
                weights.columns(span.end, columns),
                lower.rows(span.end, columns).columns(span.first, span.end),
                feedback);
        if (block == 1 && rounder.roundSpan(span.first, inside(span, feedback, weights, rounded))) {
            return;
        }
        for (int first = span.end - block; first >= span.first; first -= block) {
            int end = first + block;
            Matrix current = weights.columns(first, end);
            dense.copy(current, buffers.target);
            dense.add(1, feedback.columns(first - span.first, end - span.first), buffers.target);
            dense.multiplyAdd(
                    1, weights.columns(end, span.end), lower.rows(end, span.end).columns(first, end), buffers.target);
            rounder.round(first, buffers.target, buffers.rounded);
            dense.copy(buffers.rounded, rounded.columns(first, end));
            dense.add(-1, buffers.rounded, current);
        }
    }

    private CodebookOps.Span inside(Span span, Matrix feedback, Matrix weights, Matrix rounded) {
        return new CodebookOps.Span(
                lower.rows(span.first, span.end).columns(span.first, span.end),
                feedback,
                weights.columns(span.first, span.end),
                rounded.columns(span.first, span.end));
    }
}
