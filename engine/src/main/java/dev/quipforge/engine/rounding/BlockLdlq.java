package dev.quipforge.engine.rounding;

import dev.quipforge.engine.compute.CodebookOps;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.DenseOps;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.rounding.Parts.Range;
import java.util.List;

/**
 * BlockLDLQ (QuIP#, section 4.1; LDLQ of QuIP at block size 1): column blocks are rounded from the last to the first,
 * each after what the errors of those behind it feed back:
 * Ŵ_i = Q(W_i + Σ_{j > i} (W_j − Ŵ_j) · L_ji) with H = L D Lᵀ.
 *
 * <p>The feedback of the blocks behind is added in two steps, one product for a span of blocks at once and small ones
 * within the span; that is only another order of the same sum.
 *
 * <p>The rows may be parts of equal height with an H each: a block of columns is rounded in all parts at once, after the
 * feedback of each part by its own L.
 */
public final class BlockLdlq {

    /** Columns whose common feedback is one product. */
    private static final int SPAN = 128;

    private final ComputeBackend backend;
    private final Parts lowers;
    private final int block;

    /**
     * For rows that are one part.
     *
     * @param backend where all matrices live
     * @param lower L − I, [n × n], zero on and above the diagonal blocks
     * @param block columns that are rounded together, a divisor of n
     */
    public BlockLdlq(ComputeBackend backend, Matrix lower, int block) {
        this(backend, List.of(lower), block);
    }

    /**
     * For rows that are parts of equal height.
     *
     * @param backend where all matrices live
     * @param lowers L − I of every part from above, each [n × n], zero on and above the diagonal blocks
     * @param block columns that are rounded together, a divisor of n
     */
    public BlockLdlq(ComputeBackend backend, List<Matrix> lowers, int block) {
        for (Matrix lower : lowers) {
            Shapes.requireBlocks("lower", lower, block);
            Shapes.requireSame("lower", lower, lowers.getFirst());
        }
        this.backend = backend;
        this.lowers = new Parts(backend.dense(), lowers);
        this.block = block;
    }

    /**
     * Rounds all columns.
     *
     * @param weights W, [m × n], the parts below each other; becomes the errors W − Ŵ
     * @param rounder rounds one block of columns; called from the last block to the first
     * @param rounded receives Ŵ, same shape
     */
    public void round(Matrix weights, BlockRounder rounder, Matrix rounded) {
        Shapes.require("weights", weights, weights.rows(), lowers.order());
        Shapes.requireParts("weights", weights, lowers.count());
        Shapes.requireSame("rounded", rounded, weights);
        int span = Math.max(block, SPAN / block * block);
        int columns = weights.columns();
        try (Workspace workspace = backend.workspace()) {
            Buffers buffers = new Buffers(
                    workspace.matrix(weights.rows(), span),
                    workspace.matrix(weights.rows(), block),
                    workspace.matrix(weights.rows(), block));
            for (int end = columns; end > 0; end -= Math.min(end, span)) {
                roundSpan(new Range(Math.max(0, end - span), end), weights, rounder, rounded, buffers);
            }
        }
    }

    private record Buffers(Matrix feedback, Matrix target, Matrix rounded) {}

    /** Rounds the columns of one span; those behind it hold their errors already. */
    private void roundSpan(Range span, Matrix weights, BlockRounder rounder, Matrix rounded, Buffers buffers) {
        DenseOps dense = backend.dense();
        Range behind = new Range(span.end(), weights.columns());
        Matrix feedback = buffers.feedback.columns(0, span.length());
        lowers.multiply(columns(weights, behind), behind, span, feedback);
        if (block == 1 && rounder.roundSpan(span.first(), inside(span, feedback, weights, rounded))) {
            return;
        }
        for (int first = span.end() - block; first >= span.first(); first -= block) {
            Range own = new Range(first, first + block);
            Range between = new Range(own.end(), span.end());
            Matrix current = columns(weights, own);
            dense.copy(current, buffers.target);
            dense.add(1, feedback.columns(first - span.first(), own.end() - span.first()), buffers.target);
            lowers.multiplyAdd(columns(weights, between), between, own, buffers.target);
            rounder.round(first, buffers.target, buffers.rounded);
            dense.copy(buffers.rounded, columns(rounded, own));
            dense.add(-1, buffers.rounded, current);
        }
    }

    private CodebookOps.Span inside(Range span, Matrix feedback, Matrix weights, Matrix rounded) {
        return new CodebookOps.Span(
                lowers.blocks(span, span), feedback, columns(weights, span), columns(rounded, span));
    }

    private static Matrix columns(Matrix matrix, Range range) {
        return matrix.columns(range.first(), range.end());
    }
}
