package dev.quipforge.engine.compute.vector.packed;

import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.quipforge.engine.compute.vector.lanes.Lanes;
import dev.quipforge.engine.trellis.Pair;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** Products with tiles of PAIR: two values of one product, each the sum of two of its bytes. */
final class PairTiles extends TiledRows {

    private static final int BYTES = 0x00FF00FF;
    private static final int SUM = 0xFFFF;

    PairTiles(TileWords tiles) {
        super(tiles);
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
                    IntVector product =
                            pair.lanewise(LSHR, shift - bit).and(mask).mul(Pair.MULTIPLIER);
                    IntVector even = product.and(BYTES);
                    IntVector odd = product.lanewise(LSHR, Byte.SIZE).and(BYTES);
                    IntVector first =
                            even.add(even.lanewise(LSHR, Short.SIZE)).and(SUM).sub(Pair.MEAN);
                    IntVector second =
                            odd.add(odd.lanewise(LSHR, Short.SIZE)).and(SUM).sub(Pair.MEAN);
                    sum = ((FloatVector) first.convert(I2F, 0))
                            .fma(FloatVector.broadcast(Lanes.FLOATS, vector[column]), sum);
                    sum = ((FloatVector) second.convert(I2F, 0))
                            .fma(FloatVector.broadcast(Lanes.FLOATS, vector[column + 1]), sum);
                    column += 2;
                }
                bit -= Short.SIZE;
            }
            sum.intoArray(sums, firstSum + part);
        }
    }

    @Override
    void finish(float[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] /= Pair.DEVIATION;
        }
    }
}
