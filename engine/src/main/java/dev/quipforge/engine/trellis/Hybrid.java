package dev.quipforge.engine.trellis;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Objects;

/**
 * The code HYB: a hash of the state picks one of 2^Q pairs of a small table and the sign of its first value (QTIP,
 * section 3.1.2 and algorithm 3). A checkpoint carries its table; ours is made by k-means under a fixed seed
 * ({@link HybridTable}).
 */
public final class Hybrid implements TrellisCode {

    private static final String RESOURCE = "hyb-512.bin";

    /** Rows of our table. */
    private static final int ROWS = 512;

    /** The bit of the hash that is the sign; those of the row are below it. */
    private static final int SIGN_BIT = 15;

    private final float[] pairs;

    private Hybrid(float[] pairs) {
        this.pairs = pairs;
    }

    /** The code with our table, Q = 9. */
    public static Hybrid standard() {
        return Standard.CODE;
    }

    /**
     * The code with a table that is given.
     *
     * @param pairs 2^Q pairs, Q at most 15; row i at 2 · i
     */
    public static Hybrid of(float[] pairs) {
        if (pairs.length < 2 || pairs.length > 1 << 16 || Integer.bitCount(pairs.length) != 1) {
            throw new IllegalArgumentException(
                    "hyb table: " + pairs.length + " values (expected: 2 * 2^Q with Q at most 15)");
        }
        return new Hybrid(pairs.clone());
    }

    @Override
    public String name() {
        return "hyb";
    }

    @Override
    public int values() {
        return 2;
    }

    /** 2^Q, rows of the table. */
    public int rows() {
        return pairs.length / 2;
    }

    /** The table of pairs, row after row. */
    public float[] pairs() {
        return pairs.clone();
    }

    /**
     * The row of the table that a state picks.
     *
     * @param rows rows of the table, a power of two of at most 2^15
     */
    public static int row(int state, int rows) {
        int hash = state * (state + 1);
        return (hash >>> (SIGN_BIT - Integer.numberOfTrailingZeros(rows))) & (rows - 1);
    }

    /** Whether a state takes the first value of its row with the other sign. */
    public static boolean isNegative(int state) {
        int hash = state * (state + 1);
        return ((hash >>> SIGN_BIT) & 1) != 0;
    }

    @Override
    public float[] table(int stateBits) {
        float[] table = new float[2 << stateBits];
        for (int state = 0; state < 1 << stateBits; state++) {
            int row = row(state, pairs.length / 2);
            table[2 * state] = isNegative(state) ? -pairs[2 * row] : pairs[2 * row];
            table[2 * state + 1] = pairs[2 * row + 1];
        }
        return table;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Hybrid code && Arrays.equals(pairs, code.pairs);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(pairs);
    }

    @Override
    public String toString() {
        return "Hybrid[" + (pairs.length / 2) + " pairs]";
    }

    private static final class Standard {

        private static final Hybrid CODE = new Hybrid(read());

        private static float[] read() {
            try (InputStream bytes = Objects.requireNonNull(Hybrid.class.getResourceAsStream(RESOURCE), RESOURCE);
                    DataInputStream halves = new DataInputStream(bytes)) {
                float[] pairs = new float[2 * ROWS];
                for (int i = 0; i < pairs.length; i++) {
                    pairs[i] = Float.float16ToFloat(halves.readShort());
                }
                return pairs;
            } catch (IOException e) {
                throw new UncheckedIOException(RESOURCE, e);
            }
        }
    }
}
