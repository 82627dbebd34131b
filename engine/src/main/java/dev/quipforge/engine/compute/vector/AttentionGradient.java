package dev.quipforge.engine.compute.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.GradientOps.AttentionGradients;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.host.HostCopies;
import dev.quipforge.engine.compute.vector.Products.Operand;
import dev.quipforge.engine.compute.vector.Products.Result;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The backward form of attention. One piece of work is a key and value head of one window with all query heads that share
 * it: so the sums for keys and values have one order. It goes through tiles of a few query rows of all these heads, which
 * are copied below each other to make larger products. A tile holds its weights p and the gradients of its scores, both
 * computed again from queries and keys:
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

    /** Rows of one tile, about: fixed, so that no sum depends on the cores. */
    private static final int TILE = 96;

    /** Fewest query rows of one head in a tile. */
    private static final int FEWEST = 16;

    /** Floats between the rows of a tile: rows a power of two apart would share few lines of the cache. */
    private static final int GAP = 16;

    void run(Workers workers, Products products, Buffers buffers) {
        AttentionGeometry geometry = forward.geometry();
        int groups = geometry.keyValueHeads();
        int heads = geometry.heads() / groups;
        int length = forward.query().rows() / forward.windows();
        int height = Math.min(length, Math.max(FEWEST, TILE / heads));
        Sizes sizes = new Sizes(length, heads, height, geometry.headWidth());
        workers.each(
                forward.windows() * groups,
                piece -> buffers.with(
                        sizes.floats(), buffer -> new Group(products, sizes, piece, new Tile(sizes, buffer)).run()));
    }

    /** Tokens of a window, query heads of a group, query rows of one head in a tile, and the width of a head. */
    private record Sizes(int length, int heads, int height, int width) {

        long floats() {
            return (long) heads * height * (2L * (length + GAP) + 3L * width);
        }
    }

    /** The matrices of one tile, one after the other in a buffer. */
    private record Tile(Sizes sizes, MemorySegment buffer) {

        /** Weights (0) or gradients of scores (1) of {@code rows} rows against the first {@code visible} keys. */
        HostMatrix wide(int index, int rows, int visible) {
            long most = (long) sizes.heads * sizes.height * (sizes.length + GAP);
            return new HostMatrix(buffer.asSlice(index * most * Float.BYTES), rows, visible, visible + GAP);
        }

        /** Queries (0), gradients of the output (1) or of queries (2). */
        HostMatrix narrow(int index, int rows) {
            long most = (long) sizes.heads * sizes.height;
            long offset = most * (2L * (sizes.length + GAP) + (long) index * sizes.width);
            return new HostMatrix(buffer.asSlice(offset * Float.BYTES), rows, sizes.width, sizes.width);
        }
    }

    /** One key and value head of one window. */
    private final class Group {

        private final Products products;
        private final Sizes sizes;
        private final int window;
        private final int firstHead;
        private final Tile tile;
        private final HostMatrix keys;
        private final HostMatrix values;
        private final HostMatrix keyGradient;
        private final HostMatrix valueGradient;

        Group(Products products, Sizes sizes, int piece, Tile tile) {
            int groups = forward.geometry().keyValueHeads();
            int group = piece % groups;
            this.products = products;
            this.sizes = sizes;
            this.window = piece / groups;
            this.firstHead = group * sizes.heads;
            this.tile = tile;
            this.keys = head(forward.key(), group);
            this.values = head(forward.value(), group);
            this.keyGradient = head(HostMatrix.require(results.key()), group);
            this.valueGradient = head(HostMatrix.require(results.value()), group);
        }

        void run() {
            for (int t = 0; t < sizes.length; t++) {
                keyGradient.row(t).fill((byte) 0);
                valueGradient.row(t).fill((byte) 0);
            }
            for (int first = 0; first < sizes.length; first += sizes.height) {
                tile(first, Math.min(sizes.length, first + sizes.height));
            }
        }

        /** Query rows {@code first} to {@code end}, exclusive, of all heads; they see keys before {@code end}. */
        private void tile(int first, int end) {
            int rows = (end - first) * sizes.heads;
            HostMatrix query = tile.narrow(0, rows);
            HostMatrix gradient = tile.narrow(1, rows);
            HostMatrix queryGradient = tile.narrow(2, rows);
            HostMatrix p = tile.wide(0, rows, end);
            HostMatrix ds = tile.wide(1, rows, end);
            for (int head = 0; head < sizes.heads; head++) {
                Rows of = new Rows(head, first, end);
                HostCopies.copy(of.whole(forward.query()), of.part(query));
                HostCopies.copy(of.whole(outputGradient), of.part(gradient));
            }
            product(Operand.plain(query), Operand.transposed(keys.rows(0, end)), p, Result.REPLACED);
            product(Operand.plain(gradient), Operand.transposed(values.rows(0, end)), ds, Result.REPLACED);
            for (int head = 0; head < sizes.heads; head++) {
                Rows of = new Rows(head, first, end);
                softmax(of.part(gradient), of.whole(forward.output()), of.part(p), of.part(ds), first);
            }
            product(Operand.transposed(p), Operand.plain(gradient), valueGradient.rows(0, end), Result.ADDED_TO);
            product(Operand.transposed(ds), Operand.plain(query), keyGradient.rows(0, end), Result.ADDED_TO);
            product(Operand.plain(ds), Operand.plain(keys.rows(0, end)), queryGradient, Result.REPLACED);
            for (int head = 0; head < sizes.heads; head++) {
                Rows of = new Rows(head, first, end);
                HostCopies.copy(of.part(queryGradient), of.whole(HostMatrix.require(results.query())));
            }
        }

        private void product(Operand a, Operand b, HostMatrix c, Result result) {
            products.multiply(1, a, b, c, result);
        }

        /** Scores become weights, and products with values gradients of scores; zero where a row may not look. */
        private void softmax(HostMatrix gradient, HostMatrix output, HostMatrix p, HostMatrix ds, int first) {
            float scale = forward.geometry().scale();
            for (int i = 0; i < p.rows(); i++) {
                MemorySegment weights = p.row(i);
                MemorySegment scores = ds.row(i);
                int visible = first + i + 1;
                float largest = SoftmaxKernels.largest(weights, visible);
                double sum = SoftmaxKernels.exponentiate(weights, visible, scale, largest);
                double along = RowKernels.innerProduct(gradient.row(i), output.row(i), output.columns());
                scoreGradient(weights, scores, visible, (float) (1 / sum), (float) along, scale);
                weights.asSlice(visible * JAVA_FLOAT.byteSize()).fill((byte) 0);
                scores.asSlice(visible * JAVA_FLOAT.byteSize()).fill((byte) 0);
            }
        }

        private HostMatrix head(HostMatrix matrix, int head) {
            return matrix.rows(window * sizes.length, (window + 1) * sizes.length)
                    .columns(head * sizes.width, (head + 1) * sizes.width);
        }

        /** Some rows of one of the query heads, in the matrices of all heads and in those of the tile. */
        private final class Rows {

            private final int index;
            private final int first;
            private final int end;

            Rows(int index, int first, int end) {
                this.index = index;
                this.first = first;
                this.end = end;
            }

            HostMatrix whole(HostMatrix matrix) {
                return head(matrix, firstHead + index).rows(first, end);
            }

            HostMatrix part(HostMatrix stacked) {
                return stacked.rows(index * (end - first), (index + 1) * (end - first));
            }
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
