package dev.quipforge.engine.packing;

import dev.quipforge.engine.trellis.Trellis;

/**
 * The layout that QTIP's kernels read, which its programs use for HYB with 16 bits a state: what one thread of a warp needs
 * of 2 × 2 tiles lies together.
 *
 * <p>Of the 32 · K bytes of a tile's stream, thread {@code lane} owns K from lane · K on. Its bytes for the tiles (0, 0),
 * (1, 0), (0, 1), (1, 1) of a square of four follow each other, those of one tile with the last first; then come those of the next
 * thread, then the next square, row by row.
 */
public final class KernelPacking {

    private static final int LANES = 32;
    private static final int SQUARE = 2 * PackedTiles.SIDE;

    private KernelPacking() {}

    /**
     * The words of {@code trellis} in a QTIP checkpoint, of the same shape as {@link PackedTiles#words()}.
     *
     * @param tiles codes of a matrix whose rows and columns are multiples of 32, in the order {@link TileOrder#FIRST_OPERAND}
     */
    public static short[] pack(PackedTiles tiles) {
        if (tiles.order() != TileOrder.FIRST_OPERAND) {
            throw new IllegalArgumentException(
                    "order of the tiles: " + tiles.order() + " (expected: " + TileOrder.FIRST_OPERAND + ")");
        }
        requireSquares(tiles);
        short[] packed = new short[tiles.words().length];
        int perTile = tiles.wordsPerTile() * Short.BYTES;
        for (int i = 0; i < packed.length * Short.BYTES; i++) {
            int stream = byteOf(tiles.words(), i ^ 1);
            int address = address(tiles, i / perTile, i % perTile);
            packed[address / Short.BYTES] |= (short) (stream << (Byte.SIZE * (address % Short.BYTES)));
        }
        return packed;
    }

    /**
     * The codes of a QTIP checkpoint.
     *
     * @param trellis the code
     * @param rows m, a multiple of 32
     * @param columns n, a multiple of 32
     * @param packed as {@link #pack} gives them
     */
    public static PackedTiles unpack(Trellis trellis, int rows, int columns, short[] packed) {
        PackedTiles tiles = new PackedTiles(trellis, rows, columns, TileOrder.FIRST_OPERAND, new short[packed.length]);
        requireSquares(tiles);
        int perTile = tiles.wordsPerTile() * Short.BYTES;
        for (int i = 0; i < packed.length * Short.BYTES; i++) {
            int stream = byteOf(packed, address(tiles, i / perTile, i % perTile));
            tiles.words()[i / Short.BYTES] |= (short) (stream << (Byte.SIZE * (1 - i % Short.BYTES)));
        }
        return tiles;
    }

    /** Where byte {@code offset} of a tile's stream is stored. */
    private static int address(PackedTiles tiles, int tile, int offset) {
        int bytes = tiles.wordsPerTile() * Short.BYTES / LANES;
        int i = tile / tiles.tilesAcross();
        int j = tile % tiles.tilesAcross();
        int square = i / 2 * (tiles.tilesAcross() / 2) + j / 2;
        int chunk = (square * LANES + offset / bytes) * 4 + 2 * (j % 2) + i % 2;
        return chunk * bytes + bytes - 1 - offset % bytes;
    }

    /** A byte of little-endian words. */
    private static int byteOf(short[] words, int index) {
        return (words[index / Short.BYTES] >>> (Byte.SIZE * (index % Short.BYTES))) & 0xFF;
    }

    private static void requireSquares(PackedTiles tiles) {
        if (tiles.tilesDown() % 2 != 0 || tiles.tilesAcross() % 2 != 0) {
            throw new IllegalArgumentException("matrix: " + tiles.tilesDown() * PackedTiles.SIDE + " x "
                    + tiles.tilesAcross() * PackedTiles.SIDE + " (expected: multiples of " + SQUARE + ")");
        }
    }
}
