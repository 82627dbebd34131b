package dev.quipforge.engine.compute.vector.attention;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.vector.dense.Products;
import dev.quipforge.engine.compute.vector.dense.Products.Operand;
import dev.quipforge.engine.compute.vector.dense.Products.Result;
import dev.quipforge.engine.compute.vector.lanes.Buffers;
import dev.quipforge.engine.compute.vector.lanes.RowKernels;
import dev.quipforge.engine.compute.vector.lanes.Workers;
import java.lang.foreign.MemorySegment;

/**
 * Attention in tiles: one tile is a few query rows of one head of one window. Its scores against the keys that any of them
 * sees are one small product, its output another.
 *
 * @param geometry heads, widths and what a query sees
 * @param inputs queries, keys and values, and sinks where there are any; the windows follow each other
 * @param windows how many windows the rows are
 * @param output [queries × heads · width of values]
 */
public record CausalAttention(AttentionGeometry geometry, AttentionInputs inputs, int windows, HostMatrix output) {

    /** Query rows of one tile: fixed, so that no sum depends on the cores. */
    private static final int TILE = 64;

    /**
     * Computes the output.
     *
     * @param workers takes the tiles
     * @param products multiplies within a tile
     * @param buffers lends the memory of the tiles
     */
    public void run(Workers workers, Products products, Buffers buffers) {
        int tiles = Math.ceilDiv(queries(), TILE);
        workers.each(windows * geometry.heads() * tiles, piece -> {
            int head = piece / tiles % geometry.heads();
            int window = piece / tiles / geometry.heads();
            int first = piece % tiles * TILE;
            int end = Math.min(queries(), first + TILE);
            long keys = Math.min(keys(), (long) geometry.window() + TILE);
            buffers.with((end - first) * keys, buffer -> tile(products, buffer, window, head, first, end));
        });
    }

    private int queries() {
        return inputs.query().rows() / windows;
    }

    private int keys() {
        return inputs.key().rows() / windows;
    }

    /** Query rows {@code first} to {@code end}, exclusive, of one head of one window. */
    private void tile(Products products, MemorySegment buffer, int window, int head, int first, int end) {
        int group = head / geometry.sharing();
        int past = keys() - queries();
        int firstKey = geometry.firstSeen(past + first);
        int endKey = past + end;
        HostMatrix q =
                queries(inputs.query(), geometry.headWidth(), window, head).rows(first, end);
        HostMatrix k = keys(inputs.key(), geometry.headWidth(), window, group).rows(firstKey, endKey);
        HostMatrix v =
                keys(inputs.value(), geometry.valueWidth(), window, group).rows(firstKey, endKey);
        HostMatrix o = queries(output, geometry.valueWidth(), window, head).rows(first, end);
        HostMatrix scores = new HostMatrix(buffer, end - first, endKey - firstKey, endKey - firstKey);
        products.multiply(1, Operand.plain(q), Operand.transposed(k), scores, Result.REPLACED);
        double[] sums = new double[scores.rows()];
        for (int i = 0; i < sums.length; i++) {
            int position = past + first + i;
            int from = geometry.firstSeen(position) - firstKey;
            sums[i] = softmax(scores.row(i), from, position + 1 - firstKey, head);
        }
        products.multiply(1, Operand.plain(scores), Operand.plain(v), o, Result.REPLACED);
        for (int i = 0; i < sums.length; i++) {
            RowKernels.scale(o.row(i), (float) (1 / sums[i]), o.columns());
        }
    }

    /**
     * Replaces the scores from {@code from} to {@code end}, exclusive, by exponentials, and those that the query does not see
     * by zero.
     *
     * @return the sum of exponentials, with that of the sink
     */
    private double softmax(MemorySegment row, int from, int end, int head) {
        MemorySegment seen = row.asSlice(from * JAVA_FLOAT.byteSize());
        double sum = powers().replace(seen, end - from, head);
        row.asSlice(0, from * JAVA_FLOAT.byteSize()).fill((byte) 0);
        row.asSlice(end * JAVA_FLOAT.byteSize()).fill((byte) 0);
        return sum;
    }

    AttentionPowers powers() {
        return new AttentionPowers(geometry, inputs.sinks());
    }

    private HostMatrix queries(Matrix matrix, int width, int window, int head) {
        return HostMatrix.require(matrix)
                .rows(window * queries(), (window + 1) * queries())
                .columns(head * width, (head + 1) * width);
    }

    private HostMatrix keys(Matrix matrix, int width, int window, int head) {
        return HostMatrix.require(matrix)
                .rows(window * keys(), (window + 1) * keys())
                .columns(head * width, (head + 1) * width);
    }
}
