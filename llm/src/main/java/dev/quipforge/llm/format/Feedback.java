package dev.quipforge.llm.format;

import dev.quipforge.engine.compute.CodebookOps;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.rounding.BlockLdlq;
import dev.quipforge.engine.rounding.BlockRounder;
import dev.quipforge.engine.rounding.CoordinateDescent;
import dev.quipforge.engine.rounding.HessianDamping;
import dev.quipforge.engine.rounding.Parts;
import dev.quipforge.llm.Progress;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

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
    List<OptionalDouble> round(List<Matrix> hessians, Matrix weights, BlockRounder rounder, Matrix rounded) {
        Shapes.requireParts("weights", weights, hessians.size());
        BlockRounder watched = new Watched(rounder, weights.columns());
        List<OptionalDouble> dampings = ldlq(hessians, weights, watched, rounded);
        if (passes > 0 && dampings.stream().anyMatch(OptionalDouble::isPresent)) {
            try (Workspace workspace = backend.workspace()) {
                new CoordinateDescent(backend, usable(workspace, hessians, dampings), block)
                        .improve(passes, weights, watched, rounded);
            }
        }
        return dampings;
    }

    /** Without feedback in the parts whose Hessian is of no use; nothing at all when that is true of all. */
    private List<OptionalDouble> ldlq(List<Matrix> hessians, Matrix weights, BlockRounder rounder, Matrix rounded) {
        int order = weights.columns();
        try (Workspace workspace = backend.workspace()) {
            Matrix stack = workspace.matrix(Math.multiplyExact(hessians.size(), order), order);
            List<Matrix> lowers = Parts.of(stack, hessians.size());
            List<OptionalDouble> dampings = HessianDamping.factor(backend, hessians, lowers, block);
            if (dampings.stream().anyMatch(OptionalDouble::isPresent)) {
                new BlockLdlq(backend, lowers, block).round(weights, rounder, rounded);
            }
            return dampings;
        }
    }

    /** The Hessians, with the identity in place of those that are of no use: where it is, nothing is fed back. */
    private List<Matrix> usable(Workspace workspace, List<Matrix> hessians, List<OptionalDouble> dampings) {
        if (dampings.stream().allMatch(OptionalDouble::isPresent)) {
            return hessians;
        }
        int order = hessians.getFirst().rows();
        Matrix identity = workspace.matrix(order, order);
        backend.dense().addToDiagonal(identity, 1);
        return IntStream.range(0, hessians.size())
                .mapToObj(part -> dampings.get(part).isPresent() ? hessians.get(part) : identity)
                .toList();
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
