package dev.quipforge.engine.compute.vector.packed;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import dev.quipforge.engine.packing.PackedTiles;
import dev.quipforge.engine.trellis.Trellis;
import java.util.Arrays;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The words of trellis tiles in the order in which lanes take them. A row of a tile has K words; here the first words of
 * all 16 rows come first, then the second ones, and so on, so that one lane works on one row.
 *
 * <p>Every state of a row begins in some word of it and ends in that word or the next, which may be the first of the next
 * row: {@link #pairs} puts both into one lane.
 */
final class TileWords {

    static final int SIDE = PackedTiles.SIDE;

    static final VectorSpecies<Integer> INTS = VectorSpecies.of(
            int.class, VectorShape.forBitSize(Math.min(512, IntVector.SPECIES_PREFERRED.vectorBitSize())));

    static final int LANES = INTS.length();

    /** As many shorts as there are lanes; on 128 bits that is half of the smallest vector. */
    private static final VectorSpecies<Short> WORDS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(Math.max(64, LANES * Short.SIZE)));

    /** Where a state that begins with the last bit of a word still ends in the next one. */
    private static final int MOST_STATE_BITS = Short.SIZE + 1;

    private final Trellis trellis;
    private final int rows;
    private final int columns;
    private final short[] words;

    /**
     * @param trellis the code
     * @param rows m
     * @param columns n
     * @param plain the words in QTIP's plain layout
     */
    TileWords(Trellis trellis, int rows, int columns, short[] plain) {
        int tiles = new PackedTiles(trellis, rows, columns, plain).tiles();
        int perRow = trellis.bits();
        this.trellis = trellis;
        this.rows = rows;
        this.columns = columns;
        // the last vector of words may be loaded one word late
        this.words = Arrays.copyOf(plain, plain.length + 1);
        for (int tile = 0; tile < tiles; tile++) {
            int at = tile * SIDE * perRow;
            for (int i = 0; i < SIDE * perRow; i++) {
                words[at + i % perRow * SIDE + i / perRow] = plain[at + i];
            }
        }
    }

    /** Whether there are lanes for it. */
    static boolean supports(Trellis trellis) {
        return trellis.stateBits() <= MOST_STATE_BITS && LANES <= SIDE;
    }

    Trellis trellis() {
        return trellis;
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    /** Bytes of all words. */
    long bytes() {
        return (words.length - 1L) * Short.BYTES;
    }

    /** Room for {@link #pairs}. */
    int[] newPairs() {
        return new int[trellis.bits() * SIDE];
    }

    /**
     * For every word of a tile: the word in the high half, the one that follows it in the low half; in the order of the
     * words here.
     */
    void pairs(int tile, int[] pairs) {
        int at = tile * pairs.length;
        int last = pairs.length - SIDE;
        for (int i = 0; i < last; i += LANES) {
            IntVector high =
                    (IntVector) ShortVector.fromArray(WORDS, words, at + i).convertShape(ZERO_EXTEND_S2I, INTS, 0);
            IntVector low = (IntVector)
                    ShortVector.fromArray(WORDS, words, at + i + SIDE).convertShape(ZERO_EXTEND_S2I, INTS, 0);
            high.lanewise(LSHL, Short.SIZE).or(low).intoArray(pairs, i);
        }
        for (int i = 0; i < SIDE; i += LANES) {
            IntVector high = (IntVector)
                    ShortVector.fromArray(WORDS, words, at + last + i).convertShape(ZERO_EXTEND_S2I, INTS, 0);
            IntVector low =
                    (IntVector) ShortVector.fromArray(WORDS, words, at + i + 1).convertShape(ZERO_EXTEND_S2I, INTS, 0);
            high.lanewise(LSHL, Short.SIZE).or(low).intoArray(pairs, last + i);
        }
        pairs[pairs.length - 1] = (words[at + pairs.length - 1] << Short.SIZE) | Short.toUnsignedInt(words[at]);
    }
}
