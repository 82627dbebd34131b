package dev.quipforge.engine.compute.vector.viterbi;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.vector.lanes.Workers;
import dev.quipforge.engine.packing.PackedTiles;
import dev.quipforge.engine.packing.WordPairs;
import dev.quipforge.engine.trellis.Hybrid;
import dev.quipforge.engine.trellis.Trellis;
import java.lang.foreign.MemorySegment;

/** Tiles of HYB with a table of its own, by rows of tiles. */
public final class HybridTiles {

    private static final int SIDE = PackedTiles.SIDE;

    /** Pairs of weights in a row of a tile. */
    private static final int PAIRS = SIDE / 2;

    /** Parts whose sums are added in their order; not more than this, since each has room for a table. */
    private static final int MOST_PARTS = 16;

    private final Trellis trellis;
    private final HostIntMatrix words;
    private final HostMatrix table;
    private final HostMatrix weights;
    private final int down;
    private final int across;

    /** Arguments that {@code HybridShapes} has checked. */
    public HybridTiles(Trellis trellis, HostIntMatrix words, HostMatrix table, HostMatrix weights) {
        this.trellis = trellis;
        this.words = words;
        this.table = table;
        this.weights = weights;
        this.down = weights.rows() / SIDE;
        this.across = weights.columns() / SIDE;
    }

    /** The weights become the values of the table. */
    void decode(Workers workers) {
        float[] pairs = new float[2 * table.rows()];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = table.get(i / 2, i % 2);
        }
        workers.each(
                down,
                tileRow -> eachPair(tileRow, (state, at) -> {
                    int row = Hybrid.row(state, pairs.length / 2);
                    float first = pairs[2 * row];
                    weights.data().setAtIndex(JAVA_FLOAT, at, Hybrid.isNegative(state) ? -first : first);
                    weights.data().setAtIndex(JAVA_FLOAT, at + 1, pairs[2 * row + 1]);
                }));
    }

    /** Adds the weights, here gradients, to the entries of the table that their values are taken from. */
    public void addToTable(Workers workers) {
        double[][] parts = new double[Math.min(down, MOST_PARTS)][];
        workers.each(parts.length, part -> {
            double[] sums = new double[2 * table.rows()];
            int end = (part + 1) * down / parts.length;
            for (int tileRow = part * down / parts.length; tileRow < end; tileRow++) {
                eachPair(tileRow, (state, at) -> add(state, at, sums));
            }
            parts[part] = sums;
        });
        for (int i = 0; i < 2 * table.rows(); i++) {
            double sum = table.get(i / 2, i % 2);
            for (double[] sums : parts) {
                sum += sums[i];
            }
            table.set(i / 2, i % 2, (float) sum);
        }
    }

    private void add(int state, long at, double[] sums) {
        int row = Hybrid.row(state, sums.length / 2);
        float first = weights.data().getAtIndex(JAVA_FLOAT, at);
        sums[2 * row] += Hybrid.isNegative(state) ? -first : first;
        sums[2 * row + 1] += weights.data().getAtIndex(JAVA_FLOAT, at + 1);
    }

    private interface PairBody {

        /** A pair of weights, the first of them at the index {@code at} of all floats. */
        void take(int state, long at);
    }

    private void eachPair(int tileRow, PairBody body) {
        int[] joined = new int[words.columns()];
        for (int j = 0; j < across; j++) {
            long first = ((long) tileRow * across + j) * joined.length;
            MemorySegment.copy(words.data(), JAVA_INT, first * Integer.BYTES, joined, 0, joined.length);
            short[] stream = WordPairs.words(joined);
            for (int pair = 0; pair < SIDE * PAIRS; pair++) {
                long row = (long) tileRow * SIDE + pair / PAIRS;
                int column = j * SIDE + pair % PAIRS * 2;
                body.take(state(stream, pair), row * weights.stride() + column);
            }
        }
    }

    /** The L bits from step · K · V on, around the stream; they are in three successive words. */
    private int state(short[] stream, int step) {
        int position = step * trellis.stepBits();
        int first = position / Short.SIZE;
        long bits = 0;
        for (int i = 0; i < 3; i++) {
            bits = bits << Short.SIZE | Short.toUnsignedLong(stream[(first + i) % stream.length]);
        }
        int shift = 3 * Short.SIZE - position % Short.SIZE - trellis.stateBits();
        return (int) (bits >>> shift) & (trellis.states() - 1);
    }
}
