package dev.quipforge.engine.compute.vector.attention;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.host.HostCopies;
import dev.quipforge.engine.compute.vector.dense.Products;
import dev.quipforge.engine.compute.vector.dense.Products.Operand;
import dev.quipforge.engine.compute.vector.dense.Products.Result;
import dev.quipforge.engine.compute.vector.lanes.Buffers;
import dev.quipforge.engine.compute.vector.lanes.RowKernels;
import dev.quipforge.engine.compute.vector.lanes.SoftmaxKernels;
import dev.quipforge.engine.compute.vector.lanes.Workers;
import java.lang.foreign.MemorySegment;

/**
 * The backward form of attention. One piece of work is a key and value head of one window with all query heads that share
 * it: so the sums for keys and values have one order. It goes through tiles of a few query rows of all these heads, which
 * are copied below each other to make larger products. A tile holds its weights p and the gradients of its scores, both
 * computed again from queries and keys:
 *
 * <pre>
 * p  = softmax(scale · q kᵀ), or of scores s = cap · tanh(scale · q kᵀ / cap)
 * dv += pᵀ do
 * ds = scale · p ∘ (do vᵀ − rowsum(do ∘ o)), times 1 − (s / cap)²
 * dq = ds k
 * dk += dsᵀ q
 * </pre>
 *
 * @param forward what the forward form took and gave
 * @param outputGradient do
 * @param results receives dq, dk and dv; the gradients of sinks are added
 */
public record AttentionGradient(CausalAttention forward, HostMatrix outputGradient, AttentionInputs results) {

    /** Rows of one tile, about: fixed, so that no sum depends on the cores. */
    private static final int TILE = 96;

    /** Fewest query rows of one head in a tile. */
    private static final int FEWEST = 16;

    /** Floats between the rows of a tile: rows a power of two apart would share few lines of the cache. */
    private static final int GAP = 16;

    /**
     * Computes all gradients.
     *
     * @param workers takes the groups of the windows
     * @param products multiplies within a tile
     * @param buffers lends the memory of the tiles
     */
    public void run(Workers workers, Products products, Buffers buffers) {
        AttentionGeometry geometry = forward.geometry();
        int groups = geometry.keyValueHeads();
        int heads = geometry.sharing();
        int length = forward.inputs().query().rows() / forward.windows();
        int height = Math.min(length, Math.max(FEWEST, TILE / heads));
        int span = (int) Math.min(length, (long) geometry.window() + height);
        Sizes sizes = new Sizes(length, span, heads, height, geometry);
        double[][] sinks = new double[forward.windows() * groups][heads];
        workers.each(
                sinks.length,
                piece -> buffers.with(
                        sizes.floats(),
                        buffer -> new Group(products, sizes, piece, new Tile(sizes, buffer), sinks[piece]).run()));
        addSinks(sinks);
    }

    /** Adds up what the windows give for every head. */
    private void addSinks(double[][] sums) {
        Matrix sinks = results.sinks();
        if (sinks == null) {
            return;
        }
        HostMatrix target = HostMatrix.require(sinks);
        int groups = forward.geometry().keyValueHeads();
        int sharing = forward.geometry().sharing();
        for (int head = 0; head < target.columns(); head++) {
            double sum = target.get(0, head);
            for (int window = 0; window < forward.windows(); window++) {
                sum += sums[window * groups + head / sharing][head % sharing];
            }
            target.set(0, head, (float) sum);
        }
    }

    /** Tokens of a window, keys that a tile sees at most, query heads of a group, query rows of one head in a tile. */
    private record Sizes(int length, int span, int heads, int height, AttentionGeometry geometry) {

        int rows() {
            return heads * height;
        }

        int width() {
            return geometry.headWidth();
        }

        int valueWidth() {
            return geometry.valueWidth();
        }

        long floats() {
            return rows() * (2L * (span + GAP) + 2L * width() + valueWidth());
        }
    }

    /** The matrices of one tile, one after the other in a buffer. */
    private record Tile(Sizes sizes, MemorySegment buffer) {

        HostMatrix weights(int rows, int keys) {
            return new HostMatrix(buffer, rows, keys, keys + GAP);
        }

        HostMatrix scoreGradients(int rows, int keys) {
            return new HostMatrix(from(sizes.span + GAP), rows, keys, keys + GAP);
        }

        HostMatrix queries(int rows) {
            return narrow(0, rows, sizes.width());
        }

        HostMatrix queryGradients(int rows) {
            return narrow(sizes.width(), rows, sizes.width());
        }

        HostMatrix outputGradients(int rows) {
            return narrow(2 * sizes.width(), rows, sizes.valueWidth());
        }

        private HostMatrix narrow(int before, int rows, int width) {
            return new HostMatrix(from(2 * (sizes.span + GAP) + before), rows, width, width);
        }

        /** What follows {@code columns} columns of all rows. */
        private MemorySegment from(long columns) {
            return buffer.asSlice(sizes.rows() * columns * Float.BYTES);
        }
    }

    /** One key and value head of one window. */
    private final class Group {

        private final Products products;
        private final Sizes sizes;
        private final int window;
        private final int firstHead;
        private final Tile tile;
        private final double[] sinks;
        private final HostMatrix keys;
        private final HostMatrix values;
        private final HostMatrix keyGradient;
        private final HostMatrix valueGradient;

        Group(Products products, Sizes sizes, int piece, Tile tile, double[] sinks) {
            int groups = sizes.geometry.keyValueHeads();
            int group = piece % groups;
            this.products = products;
            this.sizes = sizes;
            this.window = piece / groups;
            this.firstHead = group * sizes.heads;
            this.tile = tile;
            this.sinks = sinks;
            this.keys = head(forward.inputs().key(), group, sizes.width());
            this.values = head(forward.inputs().value(), group, sizes.valueWidth());
            this.keyGradient = head(results.key(), group, sizes.width());
            this.valueGradient = head(results.value(), group, sizes.valueWidth());
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
            int firstKey = sizes.geometry.firstSeen(first);
            HostMatrix query = tile.queries(rows);
            HostMatrix gradient = tile.outputGradients(rows);
            HostMatrix queryGradient = tile.queryGradients(rows);
            HostMatrix p = tile.weights(rows, end - firstKey);
            HostMatrix ds = tile.scoreGradients(rows, end - firstKey);
            for (int head = 0; head < sizes.heads; head++) {
                Rows of = new Rows(head, first, end);
                HostCopies.copy(of.whole(forward.inputs().query(), sizes.width()), of.part(query));
                HostCopies.copy(of.whole(outputGradient, sizes.valueWidth()), of.part(gradient));
            }
            HostMatrix k = keys.rows(firstKey, end);
            product(Operand.plain(query), Operand.transposed(k), p, Result.REPLACED);
            product(Operand.plain(gradient), Operand.transposed(values.rows(firstKey, end)), ds, Result.REPLACED);
            for (int head = 0; head < sizes.heads; head++) {
                new Rows(head, first, end).softmax(gradient, p, ds);
            }
            product(Operand.transposed(p), Operand.plain(gradient), valueGradient.rows(firstKey, end), Result.ADDED_TO);
            product(Operand.transposed(ds), Operand.plain(query), keyGradient.rows(firstKey, end), Result.ADDED_TO);
            product(Operand.plain(ds), Operand.plain(k), queryGradient, Result.REPLACED);
            for (int head = 0; head < sizes.heads; head++) {
                Rows of = new Rows(head, first, end);
                HostCopies.copy(of.part(queryGradient), of.whole(results.query(), sizes.width()));
            }
        }

        private void product(Operand a, Operand b, HostMatrix c, Result result) {
            products.multiply(1, a, b, c, result);
        }

        private HostMatrix head(Matrix matrix, int head, int width) {
            return HostMatrix.require(matrix)
                    .rows(window * sizes.length, (window + 1) * sizes.length)
                    .columns(head * width, (head + 1) * width);
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

            HostMatrix whole(Matrix matrix, int width) {
                return head(matrix, firstHead + index, width).rows(first, end);
            }

            HostMatrix part(HostMatrix stacked) {
                return stacked.rows(index * (end - first), (index + 1) * (end - first));
            }

            /** Scores become weights, and products with values gradients of scores; zero where a row may not look. */
            void softmax(HostMatrix stackedGradient, HostMatrix stackedScores, HostMatrix stackedProducts) {
                HostMatrix gradient = part(stackedGradient);
                HostMatrix output = whole(forward.output(), sizes.valueWidth());
                HostMatrix scores = part(stackedScores);
                HostMatrix products = part(stackedProducts);
                int firstKey = sizes.geometry.firstSeen(first);
                for (int i = 0; i < scores.rows(); i++) {
                    double along = RowKernels.innerProduct(gradient.row(i), output.row(i), output.columns());
                    Seen seen = new Seen(sizes.geometry.firstSeen(first + i) - firstKey, first + i + 1 - firstKey);
                    double sink = seen.softmax(scores.row(i), products.row(i), along, firstHead + index);
                    sinks[index] -= sink * along;
                }
            }
        }
    }

    /** The keys {@code from} to {@code end}, exclusive, of a tile, which one query sees. */
    private final class Seen {

        private final int from;
        private final int end;

        Seen(int from, int end) {
            this.from = from;
            this.end = end;
        }

        /** Scores become weights, and products with values gradients of scores; returns the weight of the sink. */
        double softmax(MemorySegment scores, MemorySegment products, double along, int head) {
            AttentionGeometry geometry = forward.geometry();
            MemorySegment weights = scores.asSlice(from * JAVA_FLOAT.byteSize());
            MemorySegment slopes = products.asSlice(from * JAVA_FLOAT.byteSize());
            float scale = geometry.scale();
            float cap = geometry.cap();
            int count = end - from;
            if (cap > 0) {
                SoftmaxKernels.cap(weights, count, scale, cap);
                scale = 1;
            }
            float largest = SoftmaxKernels.largest(weights, count);
            if (cap > 0) {
                AttentionSlopes.cap(weights, slopes, count, (float) along, cap);
            }
            double sum = SoftmaxKernels.exponentiate(weights, count, scale, largest);
            double sink = forward.powers().ofSink(head, scale * largest);
            float factor = (float) (1 / (sum + sink));
            AttentionSlopes.weigh(weights, slopes, count, factor, cap > 0 ? 0 : (float) along, geometry.scale());
            hide(scores);
            hide(products);
            return 1 / (1 + sum / sink);
        }

        private void hide(MemorySegment row) {
            row.asSlice(0, from * JAVA_FLOAT.byteSize()).fill((byte) 0);
            row.asSlice(end * JAVA_FLOAT.byteSize()).fill((byte) 0);
        }
    }
}
