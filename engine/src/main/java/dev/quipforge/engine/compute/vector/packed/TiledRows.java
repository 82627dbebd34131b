package dev.quipforge.engine.compute.vector.packed;

/** Products with tiles of a trellis code, tile by tile; the subclasses differ in how they make values of states. */
abstract class TiledRows extends PackedRows {

    private final TileWords tiles;
    private final int stepBits;
    private final int shift;
    private final int mask;

    TiledRows(TileWords tiles) {
        super(tiles.rows(), tiles.columns());
        this.tiles = tiles;
        this.stepBits = tiles.trellis().stepBits();
        this.shift = Integer.SIZE - tiles.trellis().stateBits();
        this.mask = tiles.trellis().states() - 1;
    }

    /** KV. */
    final int stepBits() {
        return stepBits;
    }

    /** How far a pair of words is shifted down to have the state at its highest bits as its lowest. */
    final int shift() {
        return shift;
    }

    /** The bits of a state. */
    final int mask() {
        return mask;
    }

    @Override
    public final long bytes() {
        return tiles.bytes();
    }

    @Override
    final int height() {
        return TileWords.SIDE;
    }

    @Override
    final void multiply(float[] vector, int first, int end, float[] sums) {
        int across = columns() / TileWords.SIDE;
        int[] pairs = tiles.newPairs();
        for (int row = first; row < end; row += TileWords.SIDE) {
            for (int tile = 0; tile < across; tile++) {
                tiles.pairs(row / TileWords.SIDE * across + tile, pairs);
                addTile(pairs, vector, tile * TileWords.SIDE, sums, row - first);
            }
        }
        finish(sums);
    }

    /**
     * Adds the products of one tile. Every implementation has the whole loop: the compiler keeps vectors in registers only
     * where no method returns them.
     *
     * @param pairs the words of the tile, see {@link TileWords#pairs}
     * @param vector what it is multiplied with
     * @param firstColumn the element of {@code vector} for the first column of the tile
     * @param sums the sums of all rows
     * @param firstSum the sum of the first row of the tile
     */
    abstract void addTile(int[] pairs, float[] vector, int firstColumn, float[] sums, int firstSum);

    /** What is left to do with the sums of all tiles. */
    void finish(float[] sums) {}
}
