package dev.quipforge.engine.compute.vector.packed;

import static jdk.incubator.vector.VectorOperators.XOR;

import dev.quipforge.engine.codebook.EightP;
import dev.quipforge.engine.codebook.ResidualEightP;
import dev.quipforge.engine.compute.vector.lanes.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products with vectors of E8P: the high byte of a code chooses a vector, the low byte the signs that it flips and the
 * shift, ±1/4 in all coordinates, which is applied to the sum of the eight elements instead. All of it is read off the
 * codebook.
 */
final class EightPLanes {

    static final EightPLanes INSTANCE = new EightPLanes();

    private static final VectorSpecies<Float> EIGHT = FloatVector.SPECIES_256;
    private static final VectorSpecies<Integer> EIGHT_INTS = IntVector.SPECIES_256;
    private static final int DIMENSION = LatticeRows.DIMENSION;
    private static final int BYTES = 256;
    private static final int LOW = 0xFF;
    private static final float SHIFT = 0.25f;

    /** Unshifted vectors of all high bytes. */
    private final int[] rows = new int[BYTES * DIMENSION];

    /** The sign bits that every low byte flips. */
    private final int[] flips = new int[BYTES * DIMENSION];

    /** The shift of every low byte. */
    private final float[] shifts = new float[BYTES];

    private EightPLanes() {
        float[] vector = new float[DIMENSION];
        for (int high = 0; high < BYTES; high++) {
            EightP.CODEBOOK.decode(high << Byte.SIZE, vector, 0);
            for (int i = 0; i < DIMENSION; i++) {
                rows[high * DIMENSION + i] = Float.floatToRawIntBits(vector[i] - SHIFT);
            }
        }
        for (int low = 0; low < BYTES; low++) {
            shifts[low] = Integer.bitCount(low) % 2 == 0 ? SHIFT : -SHIFT;
            EightP.CODEBOOK.decode(low, vector, 0);
            for (int i = 0; i < DIMENSION; i++) {
                flips[low * DIMENSION + i] = rows[i] ^ Float.floatToRawIntBits(vector[i] - shifts[low]);
            }
        }
    }

    /** The sums of every eight successive elements. */
    static float[] sumsOfEight(float[] vector) {
        float[] sums = new float[vector.length / DIMENSION];
        for (int i = 0; i < sums.length; i++) {
            for (int k = 0; k < DIMENSION; k++) {
                sums[i] += vector[i * DIMENSION + k];
            }
        }
        return sums;
    }

    /**
     * The product of the vectors of successive codes with {@code vector}.
     *
     * @param codes 16-bit codes
     * @param first the first of them
     * @param vector eight elements for each
     * @param eights the sums of these eight
     */
    float product(short[] codes, int first, float[] vector, float[] eights) {
        FloatVector sum = FloatVector.zero(EIGHT);
        float shifted = 0;
        for (int i = 0; i < eights.length; i++) {
            int code = codes[first + i];
            int low = code & LOW;
            int high = (code >>> Byte.SIZE) & LOW;
            FloatVector values = IntVector.fromArray(EIGHT_INTS, rows, high * DIMENSION)
                    .lanewise(XOR, IntVector.fromArray(EIGHT_INTS, flips, low * DIMENSION))
                    .reinterpretAsFloats();
            sum = values.fma(FloatVector.fromArray(EIGHT, vector, i * DIMENSION), sum);
            shifted = Math.fma(shifts[low], eights[i], shifted);
        }
        return Lanes.sum(sum) + shifted;
    }

    /** The vectors of all codes of a second stage of one byte, before they are scaled down: multiples of 1/2. */
    static float[] secondStage(ResidualEightP codebook) {
        float[] both = new float[DIMENSION];
        float[] first = new float[DIMENSION];
        float[] table = new float[BYTES * DIMENSION];
        EightP.CODEBOOK.decode(0, first, 0);
        for (int code = 0; code < BYTES; code++) {
            codebook.decode(code, both, 0);
            for (int i = 0; i < DIMENSION; i++) {
                float doubled = 2 * (both[i] - first[i]) * codebook.residualScale();
                table[code * DIMENSION + i] = Math.round(doubled) / 2f;
            }
        }
        return table;
    }

    /** The product of the vectors that successive bytes choose of {@code table} with {@code vector}. */
    static float product(float[] table, byte[] codes, int first, float[] vector) {
        FloatVector sum = FloatVector.zero(EIGHT);
        for (int i = 0; i < vector.length / DIMENSION; i++) {
            int row = (codes[first + i] & LOW) * DIMENSION;
            sum = FloatVector.fromArray(EIGHT, table, row)
                    .fma(FloatVector.fromArray(EIGHT, vector, i * DIMENSION), sum);
        }
        return Lanes.sum(sum);
    }
}
