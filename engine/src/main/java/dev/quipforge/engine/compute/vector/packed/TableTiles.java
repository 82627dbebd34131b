package dev.quipforge.engine.compute.vector.packed;

import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.quipforge.engine.compute.vector.lanes.Lanes;
import dev.quipforge.engine.trellis.Hybrid;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Products with tiles of codes that are looked up: by the state itself, or, for HYB, by bits of its hash s · (s + 1), so
 * that the table is small.
 */
final class TableTiles extends TiledRows {

    /** The bit of HYB's hash that is the sign of the first value. */
    private static final int SIGN_BIT = 15;

    private final float[] table;
    private final int values;

    /** What a state is multiplied with to add to itself: 1 for HYB, 0 where there is no hash. */
    private final int hash;

    private final int hashShift;
    private final int hashMask;

    private TableTiles(TileWords tiles, float[] table, int hash, int hashShift) {
        super(tiles);
        this.table = table;
        this.values = tiles.trellis().values();
        this.hash = hash;
        this.hashShift = hashShift;
        this.hashMask = table.length / values - 1;
    }

    /** Looked up by the state. */
    static TableTiles plain(TileWords tiles, float[] table) {
        return new TableTiles(tiles, table, 0, 0);
    }

    /** Looked up by the sign and the row that the hash gives; the table has both signs of every row. */
    static TableTiles hybrid(TileWords tiles, Hybrid code) {
        float[] pairs = code.pairs();
        float[] table = new float[2 * pairs.length];
        for (int i = 0; i < pairs.length; i++) {
            table[i] = pairs[i];
            table[pairs.length + i] = i % 2 == 0 ? -pairs[i] : pairs[i];
        }
        int rows = pairs.length / 2;
        return new TableTiles(tiles, table, 1, SIGN_BIT - Integer.numberOfTrailingZeros(rows));
    }

    @Override
    void addTile(int[] pairs, float[] vector, int firstColumn, float[] sums, int firstSum) {
        int stepBits = stepBits();
        int shift = shift();
        int mask = mask();
        int[] indices = new int[TileWords.LANES];
        for (int part = 0; part < TileWords.SIDE; part += TileWords.LANES) {
            FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, sums, firstSum + part);
            int column = firstColumn;
            int bit = 0;
            for (int at = part; at < pairs.length; at += TileWords.SIDE) {
                IntVector pair = IntVector.fromArray(TileWords.INTS, pairs, at);
                for (; bit < Short.SIZE; bit += stepBits) {
                    IntVector state = pair.lanewise(LSHR, shift - bit).and(mask);
                    state.mul(hash)
                            .mul(state)
                            .add(state)
                            .lanewise(LSHR, hashShift)
                            .and(hashMask)
                            .mul(values)
                            .intoArray(indices, 0);
                    for (int v = 0; v < values; v++) {
                        sum = FloatVector.fromArray(Lanes.FLOATS, table, v, indices, 0)
                                .fma(FloatVector.broadcast(Lanes.FLOATS, vector[column]), sum);
                        column++;
                    }
                }
                bit -= Short.SIZE;
            }
            sum.intoArray(sums, firstSum + part);
        }
    }
}
