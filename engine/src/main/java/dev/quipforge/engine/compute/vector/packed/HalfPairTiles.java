package dev.quipforge.engine.compute.vector.packed;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.quipforge.engine.compute.vector.lanes.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** Products with tiles of 3INST and MCG. */
final class HalfPairTiles extends TiledRows {

    /** The sign, the two low bits of the exponent and the mantissa of a half, where single precision has them. */
    private static final int MASK = 0x81FFE000;

    /** 0.921875 in single precision. */
    private static final int OFFSET = 0x3F6C0000;

    /** How far a half is shifted to where single precision has its mantissa. */
    private static final int WIDENED = 3;

    /** Times this, a number minus the difference to itself keeps the 11 bits of a half, rounded (Veltkamp). */
    private static final float SPLIT = (1 << 13) + 1;

    private final int multiplier;
    private final int increment;

    HalfPairTiles(TileWords tiles, int multiplier, int increment) {
        super(tiles);
        this.multiplier = multiplier;
        this.increment = increment;
    }

    @Override
    void addTile(int[] pairs, float[] vector, int firstColumn, float[] sums, int firstSum) {
        int stepBits = stepBits();
        int shift = shift();
        int mask = mask();
        for (int part = 0; part < TileWords.SIDE; part += TileWords.LANES) {
            FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, sums, firstSum + part);
            int column = firstColumn;
            int bit = 0;
            for (int at = part; at < pairs.length; at += TileWords.SIDE) {
                IntVector pair = IntVector.fromArray(TileWords.INTS, pairs, at);
                for (; bit < Short.SIZE; bit += stepBits) {
                    IntVector state = pair.lanewise(LSHR, shift - bit).and(mask);
                    IntVector product = state.mul(multiplier).add(increment);
                    FloatVector high = product.lanewise(ASHR, WIDENED)
                            .and(MASK)
                            .lanewise(XOR, OFFSET)
                            .reinterpretAsFloats();
                    FloatVector low = product.lanewise(LSHL, Short.SIZE)
                            .lanewise(ASHR, WIDENED)
                            .and(MASK)
                            .lanewise(XOR, OFFSET)
                            .reinterpretAsFloats();
                    FloatVector exact = high.add(low);
                    FloatVector split = exact.mul(SPLIT);
                    FloatVector value = split.sub(split.sub(exact));
                    sum = value.fma(FloatVector.broadcast(Lanes.FLOATS, vector[column]), sum);
                    column++;
                }
                bit -= Short.SIZE;
            }
            sum.intoArray(sums, firstSum + part);
        }
    }
}
