package dev.quipforge.engine.compute.vector.packed;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.codebook.EightP;
import dev.quipforge.engine.codebook.ResidualEightP;
import dev.quipforge.engine.codebook.ScalarGrid;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.PackedMatrix;
import dev.quipforge.engine.compute.PackedOps;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.vector.lanes.Workers;
import dev.quipforge.engine.trellis.Hybrid;
import dev.quipforge.engine.trellis.Mcg;
import dev.quipforge.engine.trellis.MulOne;
import dev.quipforge.engine.trellis.OneMad;
import dev.quipforge.engine.trellis.Pair;
import dev.quipforge.engine.trellis.ThreeInst;
import dev.quipforge.engine.trellis.Trellis;
import java.lang.foreign.MemorySegment;

/**
 * {@link PackedOps} in lanes, some rows a core. There is one loop for each way of making values of codes; a code without
 * one of its own is looked up in its table.
 */
public final class VectorPackedOps implements PackedOps {

    private final Workers workers;

    /** @param workers stay the caller's to close */
    public VectorPackedOps(Workers workers) {
        this.workers = workers;
    }

    @Override
    public PackedMatrix load(Trellis trellis, int rows, int columns, short[] words) {
        if (!TileWords.supports(trellis)) {
            return LookedUpRows.of(trellis, rows, columns, words);
        }
        TileWords tiles = new TileWords(trellis, rows, columns, words);
        return switch (trellis.code()) {
            case ThreeInst _ -> new HalfPairTiles(tiles, ThreeInst.MULTIPLIER, ThreeInst.INCREMENT);
            case Mcg _ -> new HalfPairTiles(tiles, Mcg.MULTIPLIER, 0);
            case OneMad _ -> ByteSumTiles.oneMad(tiles);
            case MulOne _ -> ByteSumTiles.mulOne(tiles);
            case Pair _ -> new PairTiles(tiles);
            case Hybrid code -> TableTiles.hybrid(tiles, code);
            default -> TableTiles.plain(tiles, trellis.table());
        };
    }

    @Override
    public PackedMatrix load(Codebook codebook, int rows, int columns, int[] codes) {
        Shapes.requireCodes(codes.length, rows, columns, codebook.dimension());
        return switch (codebook) {
            case EightP _ when LatticeRows.SUPPORTED -> LatticeRows.of(rows, columns, codes);
            case ResidualEightP residual when LatticeRows.SUPPORTED -> LatticeRows.of(residual, rows, columns, codes);
            case ScalarGrid grid when GridRows.SUPPORTED -> new GridRows(grid, rows, columns, codes);
            default -> LookedUpRows.of(codebook, rows, columns, codes);
        };
    }

    @Override
    public void multiply(PackedMatrix matrix, Matrix vectors, Matrix product) {
        if (!(matrix instanceof PackedRows packed)) {
            throw new IllegalArgumentException(
                    "matrix: " + matrix.getClass().getSimpleName() + " (expected: loaded by this backend)");
        }
        Shapes.require("vectors", vectors, vectors.rows(), packed.columns());
        Shapes.require("product", product, vectors.rows(), packed.rows());
        HostMatrix source = HostMatrix.require(vectors);
        HostMatrix target = HostMatrix.require(product);
        for (int t = 0; t < source.rows(); t++) {
            float[] vector = new float[packed.paddedColumns()];
            MemorySegment.copy(source.row(t), JAVA_FLOAT, 0, vector, 0, packed.columns());
            MemorySegment sums = target.row(t);
            int height = packed.height();
            workers.rows(packed.rows() / height, height * packed.columns(), (first, end) -> {
                float[] some = new float[(end - first) * height];
                packed.multiply(vector, first * height, end * height, some);
                MemorySegment.copy(some, 0, sums, JAVA_FLOAT, (long) first * height * Float.BYTES, some.length);
            });
        }
    }
}
