package dev.quipforge.engine.packing;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.trellis.Trellis;
import java.util.Arrays;
import java.util.Objects;

/**
 * A matrix of trellis codes, packed: one sequence for every tile of 16 × 16 weights, tile (i, j) at i · (n / 16) + j, its
 * weights in some {@link TileOrder}, its bits by {@link TrellisPacking} (QTIP's plain layout when the order is by rows).
 */
public final class PackedTiles {

    /** Rows and columns of a tile. */
    public static final int SIDE = 16;

    /** Weights of a tile. */
    static final int TILE = SIDE * SIDE;

    private final Trellis trellis;
    private final int tilesDown;
    private final int tilesAcross;
    private final int wordsPerTile;
    private final TileOrder order;
    private final short[] words;

    /**
     * Codes that are all 0, in the order of the rows.
     *
     * @param trellis the code
     * @param rows m, a multiple of 16
     * @param columns n, a multiple of 16
     */
    public PackedTiles(Trellis trellis, int rows, int columns) {
        this(trellis, rows, columns, TileOrder.ROWS);
    }

    /**
     * Codes that are all 0.
     *
     * @param trellis the code
     * @param rows m, a multiple of 16
     * @param columns n, a multiple of 16
     * @param order in which the weights of a tile are a sequence
     */
    public PackedTiles(Trellis trellis, int rows, int columns, TileOrder order) {
        this(trellis, rows, columns, order, new short[length(trellis, rows, columns)]);
    }

    /**
     * Codes in the order of the rows.
     *
     * @param trellis the code
     * @param rows m, a multiple of 16
     * @param columns n, a multiple of 16
     * @param words the packed words, as {@link #words()} gives them; not copied
     */
    public PackedTiles(Trellis trellis, int rows, int columns, short[] words) {
        this(trellis, rows, columns, TileOrder.ROWS, words);
    }

    /**
     * @param trellis the code
     * @param rows m, a multiple of 16
     * @param columns n, a multiple of 16
     * @param order in which the weights of a tile are a sequence
     * @param words the packed words, as {@link #words()} gives them; not copied
     */
    public PackedTiles(Trellis trellis, int rows, int columns, TileOrder order, short[] words) {
        int length = length(trellis, rows, columns);
        if (words.length != length) {
            throw new IllegalArgumentException("packed words: " + words.length + " (expected: " + length + " for "
                    + rows + " x " + columns + " weights of " + trellis.bits() + " bits)");
        }
        this.trellis = trellis;
        this.tilesDown = rows / SIDE;
        this.tilesAcross = columns / SIDE;
        this.wordsPerTile = TrellisPacking.words(trellis, trellis.steps(TILE));
        this.order = order;
        this.words = words;
    }

    private static int length(Trellis trellis, int rows, int columns) {
        if (rows % SIDE != 0 || columns % SIDE != 0) {
            throw new IllegalArgumentException(
                    "matrix: " + rows + " x " + columns + " (expected: multiples of " + SIDE + ")");
        }
        int perTile = TrellisPacking.words(trellis, trellis.steps(TILE));
        return Math.multiplyExact(Math.multiplyExact(rows / SIDE, columns / SIDE), perTile);
    }

    /** The code. */
    public Trellis trellis() {
        return trellis;
    }

    /** In which order the weights of a tile are a sequence. */
    public TileOrder order() {
        return order;
    }

    /** m / 16. */
    int tilesDown() {
        return tilesDown;
    }

    /** n / 16. */
    int tilesAcross() {
        return tilesAcross;
    }

    /** Number of tiles: rows of the packed tensor. */
    public int tiles() {
        return tilesDown * tilesAcross;
    }

    /** Words of a tile, 16 · K: columns of the packed tensor. */
    public int wordsPerTile() {
        return wordsPerTile;
    }

    /** All words, tile after tile. Shared: writes go through. */
    public short[] words() {
        return words;
    }

    /** Only the tiles of rows {@code from} to {@code to} of the matrix, multiples of 16, copied. */
    public PackedTiles rows(int from, int to) {
        Objects.checkFromToIndex(from, to, tilesDown * SIDE);
        int perRow = tilesAcross * wordsPerTile;
        short[] part = Arrays.copyOfRange(words, from / SIDE * perRow, to / SIDE * perRow);
        return new PackedTiles(trellis, to - from, tilesAcross * SIDE, order, part);
    }

    /** Packs the tiles of one column of tiles, from above: their states one tile after the other. */
    public void setColumn(int column, int[] states) {
        int steps = trellis.steps(TILE);
        for (int i = 0; i < tilesDown; i++) {
            int[] sequence = Arrays.copyOfRange(states, i * steps, (i + 1) * steps);
            TrellisPacking.pack(trellis, sequence, words, (i * tilesAcross + column) * wordsPerTile);
        }
    }

    /** Takes the tiles of one column of tiles, from above, as {@code TrellisOps.pack} packed them. */
    public void setColumn(int column, short[] packed) {
        for (int i = 0; i < tilesDown; i++) {
            System.arraycopy(packed, i * wordsPerTile, words, (i * tilesAcross + column) * wordsPerTile, wordsPerTile);
        }
    }

    /** The states of one column of tiles, as {@link #setColumn(int, int[])} takes them. */
    public int[] column(int column) {
        int steps = trellis.steps(TILE);
        int[] states = new int[tilesDown * steps];
        int[] sequence = new int[steps];
        for (int i = 0; i < tilesDown; i++) {
            TrellisPacking.unpack(trellis, words, (i * tilesAcross + column) * wordsPerTile, sequence);
            System.arraycopy(sequence, 0, states, i * steps, steps);
        }
        return states;
    }

    /** Writes the code values of all weights to {@code target}, [m × n]. */
    public void decode(ComputeBackend backend, Matrix target) {
        Shapes.require("target", target, tilesDown * SIDE, tilesAcross * SIDE);
        backend.trellis().decodeTiles(trellis, order.positions(), words, target);
    }
}
