package dev.quipforge.engine.compute.host;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.packing.TrellisPacking;
import dev.quipforge.engine.trellis.Trellis;
import java.util.Arrays;

/** Packed trellis codes in host memory: one sequence for every tile of 16 × 16 weights. */
public final class HostTiles {

    private static final int SIDE = 16;
    private static final int TILE = SIDE * SIDE;

    private final Trellis trellis;
    private final int[] positions;
    private final short[] words;
    private final HostMatrix decoded;

    /**
     * What {@link dev.quipforge.engine.compute.TrellisOps#decodeTiles} is asked for.
     *
     * @param trellis the code
     * @param positions position in the sequence of every weight of a tile
     * @param words all sequences, tile row by tile row
     * @param decoded receives the values
     */
    public HostTiles(Trellis trellis, int[] positions, short[] words, HostMatrix decoded) {
        requireTiles(trellis, positions.length, words.length, decoded.rows(), decoded.columns());
        this.trellis = trellis;
        this.positions = positions.clone();
        this.words = words;
        this.decoded = decoded;
    }

    /** Fails unless the words are those of a matrix of this shape. */
    public static void requireTiles(Trellis trellis, int positions, int words, int rows, int columns) {
        long tiles = (long) rows / SIDE * (columns / SIDE);
        long expected = tiles * TrellisPacking.words(trellis, trellis.steps(TILE));
        if (rows % SIDE != 0 || columns % SIDE != 0 || positions != TILE || words != expected) {
            throw new IllegalArgumentException("packed tiles: " + words + " words in order of " + positions + " for "
                    + rows + " x " + columns + " (expected: multiples of 16, " + expected + " words in order of 256)");
        }
    }

    /** The words of all rows of states, one row after the other. */
    public static short[] pack(Trellis trellis, HostIntMatrix states) {
        int steps = states.columns();
        int perRow = TrellisPacking.words(trellis, steps);
        short[] words = new short[Math.multiplyExact(states.rows(), perRow)];
        int[] all = states.data().toArray(JAVA_INT);
        for (int i = 0; i < states.rows(); i++) {
            TrellisPacking.pack(trellis, Arrays.copyOfRange(all, i * steps, (i + 1) * steps), words, i * perRow);
        }
        return words;
    }

    /** Rows of tiles. */
    public int tilesDown() {
        return decoded.rows() / SIDE;
    }

    /** Decodes one row of tiles. */
    public void decodeTileRow(int tileRow) {
        int across = decoded.columns() / SIDE;
        int values = trellis.values();
        float[] table = trellis.table();
        int[] states = new int[trellis.steps(TILE)];
        int perTile = TrellisPacking.words(trellis, states.length);
        for (int j = 0; j < across; j++) {
            TrellisPacking.unpack(trellis, words, (tileRow * across + j) * perTile, states);
            for (int weight = 0; weight < TILE; weight++) {
                int position = positions[weight];
                float value = table[states[position / values] * values + position % values];
                long row = (long) tileRow * SIDE + weight / SIDE;
                int column = j * SIDE + weight % SIDE;
                decoded.data().setAtIndex(JAVA_FLOAT, row * decoded.stride() + column, value);
            }
        }
    }
}
