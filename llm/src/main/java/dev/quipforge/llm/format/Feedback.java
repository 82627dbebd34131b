package dev.quipforge.llm.format;

import dev.quipforge.engine.compute.CodebookOps;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.rounding.BlockLdlq;
import dev.quipforge.engine.rounding.BlockRounder;
import dev.quipforge.engine.rounding.CoordinateDescent;
import dev.quipforge.engine.rounding.HessianDamping;
import dev.quipforge.llm.Progress;

/** BlockLDLQ and the passes after it, for any code; watches the time and tells how far it is. */
final class Feedback {

    private final ComputeBackend backend;
    private final int block;
    private final int passes;
    private final Progress progress;
    private long nanos;

    /**
     * @param backend where the matrices live
     * @param block columns that are rounded together
     * @param passes passes of coordinate descent
     * @param progress hears of every block
     */
    Feedback(ComputeBackend backend, int block, int passes, Progress progress) {
        this.backend = backend;
        this.block = block;
        this.passes = passes;
        this.progress = progress;
    }

    /** As {@link Rounding#round}, block by block through {@code rounder}. */
    double round(Matrix hessian, Matrix weights, BlockRounder rounder, Matrix rounded) {
        BlockRounder watched = new Watched(rounder, weights.columns());
        double damping = ldlq(hessian, weights, watched, rounded);
        if (passes > 0) {
            new CoordinateDescent(backend, hessian, block).improve(passes, weights, watched, rounded);
        }
        return damping;
    }

    private double ldlq(Matrix hessian, Matrix weights, BlockRounder rounder, Matrix rounded) {
        try (Workspace workspace = backend.workspace()) {
            Matrix lower = workspace.matrix(hessian.rows(), hessian.rows());
            double damping = HessianDamping.factor(backend, hessian, lower, block);
            new BlockLdlq(backend, lower, block).round(weights, rounder, rounded);
            return damping;
        }
    }

    /** Time in the encoder so far. */
    double seconds() {
        return nanos / 1e9;
    }

    private final class Watched implements BlockRounder {

        private final BlockRounder rounder;
        private final int columns;
        private long done;

        private Watched(BlockRounder rounder, int columns) {
            this.rounder = rounder;
            this.columns = columns;
        }

        @Override
        public void round(int firstColumn, Matrix target, Matrix rounded) {
            tell();
            long start = System.nanoTime();
            rounder.round(firstColumn, target, rounded);
            nanos += System.nanoTime() - start;
            done += block;
        }

        @Override
        public boolean roundSpan(int firstColumn, CodebookOps.Span span) {
            long start = System.nanoTime();
            boolean known = rounder.roundSpan(firstColumn, span);
            if (known) {
                tell();
                nanos += System.nanoTime() - start;
                done += span.weights().columns();
            }
            return known;
        }

        private void tell() {
            int pass = (int) (done / columns);
            progress.update(
                    (double) done / columns / (1 + passes),
                    done % columns + " of " + columns + " columns" + (pass == 0 ? "" : ", pass " + pass));
        }
    }
}
