package dev.quipforge.engine.packing;

import dev.quipforge.engine.trellis.Trellis;

/**
 * EXL3's layout of a matrix of trellis codes, [n / 16 × m / 16 × 16 · K]: its weights are inputs × outputs, so that tiles are
 * in the order of their inputs, and so is a tile in itself ({@link TileOrder#SECOND_OPERAND}).
 *
 * <p>The stream of a tile begins with the K new bits of the first state, which are the last bits of its 16: it is QTIP's
 * stream, begun 16 − K bits later. It is cut into 32-bit words, first bit the most significant, of which memory holds the low
 * half first.
 */
public final class Exl3Packing {

    private static final int STATE_BITS = 16;

    private Exl3Packing() {}

    /**
     * The words of {@code trellis} in an EXL3 checkpoint.
     *
     * @param tiles codes with 16 bits a state and one weight a step, in the order {@link TileOrder#SECOND_OPERAND}
     */
    public static short[] pack(PackedTiles tiles) {
        Trellis trellis = require(tiles.trellis());
        if (tiles.order() != TileOrder.SECOND_OPERAND) {
            throw new IllegalArgumentException(
                    "order of the tiles: " + tiles.order() + " (expected: " + TileOrder.SECOND_OPERAND + ")");
        }
        int length = tiles.wordsPerTile();
        short[] words = tiles.words();
        short[] packed = new short[words.length];
        for (int tile = 0; tile < tiles.tiles(); tile++) {
            int source = tile * length;
            int target = transposed(tile, tiles.tilesAcross(), tiles.tilesDown()) * length;
            for (int i = 0; i < length; i++) {
                int before = words[source + i] << Short.SIZE;
                int pair = before | Short.toUnsignedInt(words[source + (i + 1) % length]);
                packed[target + (i ^ 1)] = (short) (pair >>> trellis.bits());
            }
        }
        return packed;
    }

    /**
     * The codes of an EXL3 checkpoint.
     *
     * @param trellis the code, 16 bits a state and one weight a step
     * @param rows m, the outputs, a multiple of 16
     * @param columns n, the inputs, a multiple of 16
     * @param packed as {@link #pack} gives them
     */
    public static PackedTiles unpack(Trellis trellis, int rows, int columns, short[] packed) {
        int bits = require(trellis).bits();
        PackedTiles tiles = new PackedTiles(trellis, rows, columns, TileOrder.SECOND_OPERAND, packed.clone());
        int length = tiles.wordsPerTile();
        short[] words = tiles.words();
        for (int tile = 0; tile < tiles.tiles(); tile++) {
            int source = transposed(tile, tiles.tilesAcross(), tiles.tilesDown()) * length;
            int target = tile * length;
            for (int i = 0; i < length; i++) {
                int before = packed[source + (((i + length - 1) % length) ^ 1)] << Short.SIZE;
                int pair = before | Short.toUnsignedInt(packed[source + (i ^ 1)]);
                words[target + i] = (short) (pair >>> (STATE_BITS - bits));
            }
        }
        return tiles;
    }

    /** Where tile (i, j), counted row by row, is when tiles are counted column by column. */
    private static int transposed(int tile, int across, int down) {
        return tile % across * down + tile / across;
    }

    private static Trellis require(Trellis trellis) {
        if (trellis.stateBits() != STATE_BITS || trellis.values() != 1) {
            throw new IllegalArgumentException("EXL3: L = " + trellis.stateBits() + ", V = " + trellis.values()
                    + " (expected: L = " + STATE_BITS + ", V = 1)");
        }
        return trellis;
    }
}
