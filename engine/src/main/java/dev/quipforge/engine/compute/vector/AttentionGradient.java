package dev.quipforge.engine.compute.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.GradientOps.AttentionGradients;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.vector.Products.Operand;
import dev.quipforge.engine.compute.vector.Products.Result;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The backward form of attention. One piece of work is a key and value head of one window with all query heads that share
 * it, tile after tile of query rows: so the sums for keys and values have one order. A tile holds its weights p and the
 * gradients of its scores, both computed again from queries and keys:
 *
 * <pre>
 * p  = softmax(scale · q kᵀ)
 * dv += pᵀ do
 * ds = scale · p ∘ (do vᵀ − rowsum(do ∘ o))
 * dq = ds k
 * dk += dsᵀ q
 * </pre>
 *
 * @param forward what the forward form took and gave
 * @param outputGradient do
 * @param results receives dq, dk and dv
 */
record AttentionGradient(CausalAttention forward, HostMatrix outputGradient, AttentionGradients results) {

    /** Query rows of one tile. */
    private static final int TILE = 64;

    /** Floats between the rows of a tile: rows a power of two apart would share few lines of the cache. */
    private static final int GAP = 16;

    void run(Workers workers, Products products) {
        int groups = forward.geometry().keyValueHeads();
        workers.each(forward.windows() * groups, piece -> {
            try (Arena arena = Arena.ofConfined()) {
                new Group(products, piece / groups, piece % groups, arena).run();
            }
        });
    }

    private int length() {
        return forward.query().rows() / forward.windows();
    }

    /** One key and value head of one window. */
    private final class Group {

        private final Products products;
        private final int window;
        private final int group;
        private final HostMatrix keys;
        private final HostMatrix values;
        private final HostMatrix keyGradient;
        private final HostMatrix valueGradient;
        private final MemorySegment weights;
        private final MemorySegment scores;

        Group(Products products, int window, int group, Arena arena) {
            this.products = products;
            this.window = window;
            this.group = group;
            this.keys = head(forward.key(), group);
            this.values = head(forward.value(), group);
            this.keyGradient = head(HostMatrix.require(results.key()), group);
            this.valueGradient = head(HostMatrix.require(results.value()), group);
            long bytes = (long) Math.min(TILE, length()) * (length() + GAP) * Float.BYTES;
            this.weights = arena.allocate(bytes, 64);
            this.scores = arena.allocate(bytes, 64);
        }

        void run() {
            for (int t = 0; t < length(); t++) {
                keyGradient.row(t).fill((byte) 0);
                valueGradient.row(t).fill((byte) 0);
            }
            int shared = forward.geometry().heads() / forward.geometry().keyValueHeads();
            for (int head = group * shared; head < (group + 1) * shared; head++) {
                for (int first = 0; first < length(); first += TILE) {
                    tile(head, first, Math.min(length(), first + TILE));
                }
            }
        }

        private void tile(int head, int first, int end) {
            HostMatrix query = head(forward.query(), head).rows(first, end);
            HostMatrix output = head(forward.output(), head).rows(first, end);
            HostMatrix gradient = head(outputGradient, head).rows(first, end);
            HostMatrix queryGradient =
                    head(HostMatrix.require(results.query()), head).rows(first, end);
            Operand visibleKeys = Operand.plain(keys.rows(0, end));
            HostMatrix p = new HostMatrix(weights, end - first, end, end + GAP);
            HostMatrix ds = new HostMatrix(scores, end - first, end, end + GAP);

            products.multiply(1, Operand.plain(query), Operand.transposed(keys.rows(0, end)), p, Result.REPLACED);
            products.multiply(1, Operand.plain(gradient), Operand.transposed(values.rows(0, end)), ds, Result.REPLACED);
            for (int i = 0; i < p.rows(); i++) {
                double along = RowKernels.innerProduct(gradient.row(i), output.row(i), output.columns());
                row(p.row(i), ds.row(i), first + i + 1, (float) along);
            }
            Operand transposed = Operand.transposed(p);
            products.multiply(1, transposed, Operand.plain(gradient), valueGradient.rows(0, end), Result.ADDED_TO);
            products.multiply(1, Operand.plain(ds), visibleKeys, queryGradient, Result.REPLACED);
            products.multiply(
                    1, Operand.transposed(ds), Operand.plain(query), keyGradient.rows(0, end), Result.ADDED_TO);
        }

        /** Scores become weights, and products with values the gradients of scores; zero where the row may not look. */
        private void row(MemorySegment p, MemorySegment ds, int visible, float along) {
            float scale = forward.geometry().scale();
            double sum = SoftmaxKernels.exponentiate(p, visible, scale, SoftmaxKernels.largest(p, visible));
            scoreGradient(p, ds, visible, (float) (1 / sum), along, scale);
            p.asSlice(visible * JAVA_FLOAT.byteSize()).fill((byte) 0);
            ds.asSlice(visible * JAVA_FLOAT.byteSize()).fill((byte) 0);
        }

        private HostMatrix head(HostMatrix matrix, int head) {
            AttentionGeometry geometry = forward.geometry();
            int width = geometry.headWidth();
            return matrix.rows(window * length(), (window + 1) * length()).columns(head * width, (head + 1) * width);
        }
    }

    /** p = p · factor; ds = scale · p · (ds − along). */
    private static void scoreGradient(
            MemorySegment p, MemorySegment ds, int length, float factor, float along, float scale) {
        int i = 0;
        for (; i < Lanes.FLOATS.loopBound(length); i += Lanes.FLOATS.length()) {
            FloatVector weight = Lanes.load(p, i).mul(factor);
            FloatVector gradient = Lanes.load(ds, i).sub(along).mul(weight).mul(scale);
            Lanes.store(weight, p, i);
            Lanes.store(gradient, ds, i);
        }
        for (; i < length; i++) {
            float weight = p.getAtIndex(JAVA_FLOAT, i) * factor;
            float gradient = (ds.getAtIndex(JAVA_FLOAT, i) - along) * weight * scale;
            p.setAtIndex(JAVA_FLOAT, i, weight);
            ds.setAtIndex(JAVA_FLOAT, i, gradient);
        }
    }
}
