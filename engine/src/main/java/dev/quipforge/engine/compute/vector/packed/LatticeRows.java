package dev.quipforge.engine.compute.vector.packed;

import dev.quipforge.engine.codebook.ResidualEightP;
import jdk.incubator.vector.FloatVector;

/** Products with the vectors of E8P, of one stage or two. */
abstract class LatticeRows extends PackedRows {

    /** Whether the eight coordinates of a vector fit into the lanes. */
    static final boolean SUPPORTED =
            FloatVector.SPECIES_PREFERRED.vectorBitSize() >= FloatVector.SPECIES_256.vectorBitSize();

    static final int DIMENSION = 8;

    private final EightPLanes lanes = EightPLanes.INSTANCE;
    private final short[] codes;

    private LatticeRows(int rows, int columns, short[] codes) {
        super(rows, columns);
        this.codes = codes;
    }

    /** One stage: 2 bits. */
    static LatticeRows of(int rows, int columns, int[] codes) {
        return new OneStage(rows, columns, high(codes, 0));
    }

    /** Two stages: 3 or 4 bits. */
    static LatticeRows of(ResidualEightP codebook, int rows, int columns, int[] codes) {
        short[] first = high(codes, codebook.residualBits());
        return codebook.residualBits() == Byte.SIZE
                ? new WithBytes(codebook, rows, columns, first, codes)
                : new Twice(codebook, rows, columns, first, codes);
    }

    private static short[] high(int[] codes, int shift) {
        short[] shorts = new short[codes.length];
        for (int i = 0; i < codes.length; i++) {
            shorts[i] = (short) (codes[i] >>> shift);
        }
        return shorts;
    }

    @Override
    public long bytes() {
        return (long) codes.length * Short.BYTES + secondBytes();
    }

    @Override
    final int height() {
        return 1;
    }

    @Override
    final void multiply(float[] vector, int first, int end, float[] sums) {
        int perRow = columns() / DIMENSION;
        float[] eights = EightPLanes.sumsOfEight(vector);
        for (int row = first; row < end; row++) {
            float sum = lanes.product(codes, row * perRow, vector, eights);
            sums[row - first] = sum + second(row * perRow, vector, eights);
        }
    }

    /** Bytes of the codes of the second stage. */
    abstract long secondBytes();

    /** The product of the second stage of one row, whose codes begin at {@code at}. */
    abstract float second(int at, float[] vector, float[] eights);

    private static final class OneStage extends LatticeRows {

        OneStage(int rows, int columns, short[] codes) {
            super(rows, columns, codes);
        }

        @Override
        long secondBytes() {
            return 0;
        }

        @Override
        float second(int at, float[] vector, float[] eights) {
            return 0;
        }
    }

    /** The second stage is E8P again. */
    private static final class Twice extends LatticeRows {

        private final short[] fine;
        private final float scale;

        Twice(ResidualEightP codebook, int rows, int columns, short[] first, int[] codes) {
            super(rows, columns, first);
            this.fine = high(codes, 0);
            this.scale = codebook.residualScale();
        }

        @Override
        long secondBytes() {
            return (long) fine.length * Short.BYTES;
        }

        @Override
        float second(int at, float[] vector, float[] eights) {
            return EightPLanes.INSTANCE.product(fine, at, vector, eights) / scale;
        }
    }

    /** The second stage has codes of one byte. */
    private static final class WithBytes extends LatticeRows {

        private final byte[] fine;
        private final float[] table;
        private final float scale;

        WithBytes(ResidualEightP codebook, int rows, int columns, short[] first, int[] codes) {
            super(rows, columns, first);
            this.fine = new byte[codes.length];
            for (int i = 0; i < codes.length; i++) {
                fine[i] = (byte) codes[i];
            }
            this.table = EightPLanes.secondStage(codebook);
            this.scale = codebook.residualScale();
        }

        @Override
        long secondBytes() {
            return fine.length;
        }

        @Override
        float second(int at, float[] vector, float[] eights) {
            return EightPLanes.product(table, fine, at, vector) / scale;
        }
    }
}
