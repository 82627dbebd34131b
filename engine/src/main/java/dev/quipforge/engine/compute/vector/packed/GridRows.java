package dev.quipforge.engine.compute.vector.packed;

import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.quipforge.engine.codebook.ScalarGrid;
import dev.quipforge.engine.compute.vector.lanes.Lanes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products with values of a grid of 2, 3 or 4 bits. Eight codes take as many bytes as one has bits, the first in the
 * lowest bits; their values come out of one vector of eight values, or two of them for 4 bits.
 */
final class GridRows extends PackedRows {

    /** Whether eight values fit into a vector. */
    static final boolean SUPPORTED = LatticeRows.SUPPORTED;

    private static final VectorSpecies<Float> EIGHT = FloatVector.SPECIES_256;
    private static final VectorSpecies<Integer> EIGHT_INTS = IntVector.SPECIES_256;
    private static final int TOGETHER = 8;
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();

    private final int bits;
    private final int bytesPerRow;
    private final byte[] codes;
    private final int[] lower = new int[TOGETHER];
    private final int[] upper = new int[TOGETHER];

    GridRows(ScalarGrid grid, int rows, int columns, int[] codes) {
        super(rows, columns);
        this.bits = grid.bits();
        this.bytesPerRow = Math.ceilDiv(columns, TOGETHER) * bits;
        // four bytes are loaded at once
        this.codes = new byte[rows * bytesPerRow + Integer.BYTES];
        for (int i = 0; i < codes.length; i++) {
            int bit = i % columns * bits;
            int at = i / columns * bytesPerRow + bit / Byte.SIZE;
            int shifted = codes[i] << (bit % Byte.SIZE);
            this.codes[at] |= (byte) shifted;
            this.codes[at + 1] |= (byte) (shifted >>> Byte.SIZE);
        }
        float[] values = grid.values();
        for (int i = 0; i < TOGETHER; i++) {
            lower[i] = Float.floatToRawIntBits(values[i % values.length]);
            upper[i] = Float.floatToRawIntBits(values[(TOGETHER + i) % values.length]);
        }
    }

    @Override
    public long bytes() {
        return codes.length - (long) Integer.BYTES;
    }

    @Override
    int paddedColumns() {
        return Math.ceilDiv(columns(), TOGETHER) * TOGETHER;
    }

    @Override
    int height() {
        return 1;
    }

    @Override
    void multiply(float[] vector, int first, int end, float[] sums) {
        for (int row = first; row < end; row++) {
            sums[row - first] = bits <= 3
                    ? productOfFew(codes, row * bytesPerRow, vector)
                    : productOfMany(codes, row * bytesPerRow, vector);
        }
    }

    /** The product of one row of at most eight values. */
    private float productOfFew(byte[] packed, int first, float[] vector) {
        IntVector table = IntVector.fromArray(EIGHT_INTS, lower, 0);
        IntVector shifts = IntVector.zero(EIGHT_INTS).addIndex(bits);
        FloatVector sum = FloatVector.zero(EIGHT);
        int mask = (1 << bits) - 1;
        int at = first;
        for (int i = 0; i < vector.length; i += TOGETHER) {
            int word = (int) INT.get(packed, at);
            IntVector code =
                    IntVector.broadcast(EIGHT_INTS, word).lanewise(LSHR, shifts).and(mask);
            FloatVector values = code.selectFrom(table).reinterpretAsFloats();
            sum = values.fma(FloatVector.fromArray(EIGHT, vector, i), sum);
            at += bits;
        }
        return Lanes.sum(sum);
    }

    /** The product of one row of sixteen values. */
    private float productOfMany(byte[] packed, int first, float[] vector) {
        IntVector low = IntVector.fromArray(EIGHT_INTS, lower, 0);
        IntVector high = IntVector.fromArray(EIGHT_INTS, upper, 0);
        IntVector shifts = IntVector.zero(EIGHT_INTS).addIndex(bits);
        FloatVector sum = FloatVector.zero(EIGHT);
        int mask = (1 << bits) - 1;
        int at = first;
        for (int i = 0; i < vector.length; i += TOGETHER) {
            int word = (int) INT.get(packed, at);
            IntVector code =
                    IntVector.broadcast(EIGHT_INTS, word).lanewise(LSHR, shifts).and(mask);
            IntVector place = code.and(TOGETHER - 1);
            FloatVector values = place.selectFrom(low)
                    .blend(place.selectFrom(high), code.compare(VectorOperators.GE, TOGETHER))
                    .reinterpretAsFloats();
            sum = values.fma(FloatVector.fromArray(EIGHT, vector, i), sum);
            at += bits;
        }
        return Lanes.sum(sum);
    }
}
