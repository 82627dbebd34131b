package dev.quipforge.engine.compute.host;

import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.packing.PackedTiles;
import dev.quipforge.engine.packing.TrellisPacking;
import dev.quipforge.engine.trellis.Hybrid;
import dev.quipforge.engine.trellis.Trellis;

/** Checks of the arguments of operations on tiles of HYB and a table, which every backend makes before it computes. */
public final class HybridShapes {

    private static final int MOST_ROWS = 1 << 15;

    private HybridShapes() {}

    /**
     * Demands arguments that {@link dev.quipforge.engine.compute.TrellisOps#decodeTiles(Trellis, IntMatrix, Matrix, Matrix)}
     * and {@link dev.quipforge.engine.compute.GradientOps#addTable} can take.
     *
     * @param weights the values, or the gradient with respect to them
     */
    public static void require(Trellis trellis, IntMatrix words, Matrix table, Matrix weights) {
        if (!(trellis.code() instanceof Hybrid)) {
            throw new IllegalArgumentException("code: " + trellis.code().name() + " (expected: hyb)");
        }
        if (table.columns() != 2 || Integer.bitCount(table.rows()) != 1 || table.rows() > MOST_ROWS) {
            throw new IllegalArgumentException(
                    "hyb table: " + table.rows() + " x " + table.columns() + " (expected: 2^Q x 2 with Q at most 15)");
        }
        int side = PackedTiles.SIDE;
        if (weights.rows() % side != 0 || weights.columns() % side != 0) {
            throw new IllegalArgumentException("weights: " + weights.rows() + " x " + weights.columns()
                    + " (expected: multiples of " + side + ")");
        }
        int tiles = Math.multiplyExact(weights.rows() / side, weights.columns() / side);
        Shapes.require("packed words", words, tiles, TrellisPacking.words(trellis, trellis.steps(side * side)) / 2);
    }
}
