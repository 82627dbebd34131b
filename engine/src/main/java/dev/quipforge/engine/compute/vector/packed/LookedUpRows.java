package dev.quipforge.engine.compute.vector.packed;

import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.packing.PackedTiles;
import dev.quipforge.engine.packing.TrellisPacking;
import dev.quipforge.engine.trellis.Trellis;

/** Products with codes for which there are no lanes: they are decoded one by one while they are multiplied. */
abstract class LookedUpRows extends PackedRows {

    private LookedUpRows(int rows, int columns) {
        super(rows, columns);
    }

    static LookedUpRows of(Trellis trellis, int rows, int columns, short[] words) {
        return new OfTrellis(new PackedTiles(trellis, rows, columns, words.clone()), rows, columns);
    }

    static LookedUpRows of(Codebook codebook, int rows, int columns, int[] codes) {
        return new OfCodebook(codebook, rows, columns, codes.clone());
    }

    private static final class OfTrellis extends LookedUpRows {

        private static final int SIDE = PackedTiles.SIDE;

        private final PackedTiles tiles;

        OfTrellis(PackedTiles tiles, int rows, int columns) {
            super(rows, columns);
            this.tiles = tiles;
        }

        @Override
        public long bytes() {
            return (long) tiles.words().length * Short.BYTES;
        }

        @Override
        int height() {
            return SIDE;
        }

        @Override
        void multiply(float[] vector, int first, int end, float[] sums) {
            Trellis trellis = tiles.trellis();
            float[] table = trellis.table();
            int values = trellis.values();
            int[] states = new int[trellis.steps(SIDE * SIDE)];
            int across = columns() / SIDE;
            for (int tile = first / SIDE * across; tile < end / SIDE * across; tile++) {
                TrellisPacking.unpack(trellis, tiles.words(), tile * tiles.wordsPerTile(), states);
                int row = tile / across * SIDE - first;
                int column = tile % across * SIDE;
                for (int i = 0; i < SIDE * SIDE; i++) {
                    float value = table[states[i / values] * values + i % values];
                    sums[row + i / SIDE] += value * vector[column + i % SIDE];
                }
            }
        }
    }

    private static final class OfCodebook extends LookedUpRows {

        private final Codebook codebook;
        private final int[] codes;

        OfCodebook(Codebook codebook, int rows, int columns, int[] codes) {
            super(rows, columns);
            this.codebook = codebook;
            this.codes = codes;
        }

        @Override
        public long bytes() {
            return (long) codes.length * Integer.BYTES;
        }

        @Override
        int height() {
            return 1;
        }

        @Override
        void multiply(float[] vector, int first, int end, float[] sums) {
            int dimension = codebook.dimension();
            int perRow = columns() / dimension;
            float[] values = new float[dimension];
            for (int i = first * perRow; i < end * perRow; i++) {
                codebook.decode(codes[i], values, 0);
                float sum = 0;
                for (int k = 0; k < dimension; k++) {
                    sum += values[k] * vector[i % perRow * dimension + k];
                }
                sums[i / perRow - first] += sum;
            }
        }
    }
}
