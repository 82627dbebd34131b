package dev.quipforge.engine.compute.vector.packed;

import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.quipforge.engine.compute.vector.lanes.Lanes;
import dev.quipforge.engine.trellis.MulOne;
import dev.quipforge.engine.trellis.OneMad;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** Products with tiles of 1MAD and MUL1, whose values are affine in the sum of the bytes of one product. */
final class ByteSumTiles extends TiledRows {

    private static final int BYTES = 0x00FF00FF;
    private static final int SUM = 0xFFFF;

    /** Keeps the 11 bits of a half, rounded, see {@link HalfPairTiles}; 1MAD's sums have no more of them. */
    private static final float SPLIT = (1 << 13) + 1;

    private final int multiplier;
    private final int increment;
    private final float factor;
    private final float offset;
    private final float divisor;

    private ByteSumTiles(TileWords tiles, int multiplier, int increment, float factor, float offset, float divisor) {
        super(tiles);
        this.multiplier = multiplier;
        this.increment = increment;
        this.factor = factor;
        this.offset = offset;
        this.divisor = divisor;
    }

    static ByteSumTiles oneMad(TileWords tiles) {
        return new ByteSumTiles(tiles, OneMad.MULTIPLIER, OneMad.INCREMENT, 1, -OneMad.MEAN, OneMad.DEVIATION);
    }

    static ByteSumTiles mulOne(TileWords tiles) {
        // both terms are exact in single precision, so that their sum is rounded once, to a half
        float offset = MulOne.MANTISSA * MulOne.FACTOR + MulOne.OFFSET;
        return new ByteSumTiles(tiles, MulOne.MULTIPLIER, 0, MulOne.FACTOR, offset, 1);
    }

    @Override
    void addTile(int[] pairs, float[] vector, int firstColumn, float[] sums, int firstSum) {
        int stepBits = stepBits();
        int shift = shift();
        int mask = mask();
        FloatVector factors = FloatVector.broadcast(Lanes.FLOATS, factor);
        FloatVector offsets = FloatVector.broadcast(Lanes.FLOATS, offset);
        for (int part = 0; part < TileWords.SIDE; part += TileWords.LANES) {
            FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, sums, firstSum + part);
            int column = firstColumn;
            int bit = 0;
            for (int at = part; at < pairs.length; at += TileWords.SIDE) {
                IntVector pair = IntVector.fromArray(TileWords.INTS, pairs, at);
                for (; bit < Short.SIZE; bit += stepBits) {
                    IntVector state = pair.lanewise(LSHR, shift - bit).and(mask);
                    IntVector product = state.mul(multiplier).add(increment);
                    IntVector two = product.and(BYTES)
                            .add(product.lanewise(LSHR, Byte.SIZE).and(BYTES));
                    IntVector four = two.add(two.lanewise(LSHR, Short.SIZE)).and(SUM);
                    FloatVector exact = ((FloatVector) four.convert(I2F, 0)).fma(factors, offsets);
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

    @Override
    void finish(float[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] /= divisor;
        }
    }
}
