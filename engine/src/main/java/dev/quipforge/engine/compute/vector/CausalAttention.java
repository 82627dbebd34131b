package dev.quipforge.engine.compute.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.vector.Products.Operand;
import dev.quipforge.engine.compute.vector.Products.Result;
import java.lang.foreign.MemorySegment;

/**
 * Attention in tiles: one tile is a few query rows of one head of one window. Its scores against the keys it may see are
 * one small product, its output another.
 */
record CausalAttention(
        AttentionGeometry geometry,
        HostMatrix query,
        HostMatrix key,
        HostMatrix value,
        int windows,
        HostMatrix output) {

    /** Query rows of one tile: fixed, so that no sum depends on the cores. */
    private static final int TILE = 64;

    void run(Workers workers, Products products, Buffers buffers) {
        int tiles = Math.ceilDiv(queries(), TILE);
        workers.each(windows * geometry.heads() * tiles, piece -> {
            int head = piece / tiles % geometry.heads();
            int window = piece / tiles / geometry.heads();
            int first = piece % tiles * TILE;
            int end = Math.min(queries(), first + TILE);
            buffers.with((long) (end - first) * keys(), buffer -> tile(products, buffer, window, head, first, end));
        });
    }

    private int queries() {
        return query.rows() / windows;
    }

    private int keys() {
        return key.rows() / windows;
    }

    /** Query rows {@code first} to {@code end}, exclusive, of one head of one window. */
    private void tile(Products products, MemorySegment buffer, int window, int head, int first, int end) {
        int shared = geometry.heads() / geometry.keyValueHeads();
        int visible = keys() - queries() + end;
        HostMatrix q = head(query, window * queries() + first, window * queries() + end, head);
        HostMatrix k = head(key, window * keys(), window * keys() + visible, head / shared);
        HostMatrix v = head(value, window * keys(), window * keys() + visible, head / shared);
        HostMatrix o = head(output, window * queries() + first, window * queries() + end, head);
        HostMatrix scores = new HostMatrix(buffer, end - first, visible, visible);
        products.multiply(1, Operand.plain(q), Operand.transposed(k), scores, Result.REPLACED);
        double[] sums = softmax(scores, visible - (end - first) + 1);
        products.multiply(1, Operand.plain(scores), Operand.plain(v), o, Result.REPLACED);
        for (int i = 0; i < sums.length; i++) {
            RowKernels.scale(o.row(i), (float) (1 / sums[i]), o.columns());
        }
    }

    /** Replaces scores by exponentials, zero where a row may not look; row i sees {@code firstVisible} + i keys. */
    private double[] softmax(HostMatrix scores, int firstVisible) {
        double[] sums = new double[scores.rows()];
        for (int i = 0; i < sums.length; i++) {
            int visible = firstVisible + i;
            MemorySegment row = scores.row(i);
            float largest = SoftmaxKernels.largest(row, visible);
            sums[i] = SoftmaxKernels.exponentiate(row, visible, geometry.scale(), largest);
            row.asSlice(visible * JAVA_FLOAT.byteSize()).fill((byte) 0);
        }
        return sums;
    }

    private HostMatrix head(HostMatrix matrix, int from, int to, int head) {
        int width = geometry.headWidth();
        return matrix.rows(from, to).columns(head * width, (head + 1) * width);
    }
}
