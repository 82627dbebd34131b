package dev.quipforge.engine.rounding;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.packing.PackedTiles;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;

/**
 * Rounds 16 columns at a time with a trellis code and packs what it finds: the 16 × 16 tiles below each other are one
 * sequence each, row by row.
 */
public final class TrellisRounder implements BlockRounder {

    /** Columns that it rounds together. */
    public static final int BLOCK = PackedTiles.SIDE;

    private final ComputeBackend backend;
    private final TailBiting tailBiting;
    private final PackedTiles packed;

    /**
     * @param backend where the matrices live
     * @param tailBiting how the ends of the sequences are joined
     * @param packed receives the codes, of the shape of the whole matrix
     */
    public TrellisRounder(ComputeBackend backend, TailBiting tailBiting, PackedTiles packed) {
        this.backend = backend;
        this.tailBiting = tailBiting;
        this.packed = packed;
    }

    @Override
    public void round(int firstColumn, Matrix target, Matrix rounded) {
        Trellis trellis = packed.trellis();
        int tiles = target.rows() / BLOCK;
        int length = BLOCK * BLOCK;
        try (Workspace workspace = backend.workspace()) {
            IntMatrix states = workspace.integers(tiles, trellis.steps(length));
            backend.trellis()
                    .encode(trellis, tailBiting, target.reshape(tiles, length), states, rounded.reshape(tiles, length));
            packed.setColumn(firstColumn / BLOCK, backend.download(states));
        }
    }
}
