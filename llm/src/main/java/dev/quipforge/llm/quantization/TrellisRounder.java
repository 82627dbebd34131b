package dev.quipforge.llm.quantization;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.packing.PackedTiles;
import dev.quipforge.engine.rounding.BlockRounder;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;
import dev.quipforge.llm.Progress;

/**
 * Rounds a block of 16 columns to code values: every 16 × 16 tile is one tail-biting sequence, row by row (QTIP, section
 * 4). It keeps the packed codes of all tiles, see {@link PackedTiles}.
 */
final class TrellisRounder implements BlockRounder, AutoCloseable {

    private static final int TILE = PackedTiles.SIDE;
    private static final int SEQUENCE = TILE * TILE;

    private final ComputeBackend backend;
    private final Trellis trellis;
    private final TailBiting tailBiting;
    private final Progress progress;
    private final int columns;
    private final PackedTiles packed;
    private final Workspace workspace;
    private final IntMatrix states;
    private int done;
    private long nanos;

    /**
     * @param backend where to encode
     * @param settings the code
     * @param rows rows of the whole matrix, a multiple of 16
     * @param columns columns of the whole matrix, a multiple of 16
     * @param progress hears of every block of columns
     */
    TrellisRounder(ComputeBackend backend, QuantizationSettings settings, int rows, int columns, Progress progress) {
        this.backend = backend;
        this.trellis = settings.trellis();
        this.tailBiting = settings.ends();
        this.progress = progress;
        this.columns = columns;
        this.packed = new PackedTiles(trellis, rows, columns);
        this.workspace = backend.workspace();
        this.states = workspace.integers(rows / TILE, trellis.steps(SEQUENCE));
    }

    @Override
    public void round(int firstColumn, Matrix target, Matrix rounded) {
        progress.update((double) done / columns, done + " of " + columns + " columns");
        int tiles = target.rows() / TILE;
        long start = System.nanoTime();
        backend.trellis()
                .encode(trellis, tailBiting, target.reshape(tiles, SEQUENCE), states, rounded.reshape(tiles, SEQUENCE));
        int[] found = backend.download(states);
        nanos += System.nanoTime() - start;
        packed.setColumn(firstColumn / TILE, found);
        done += TILE;
    }

    /** The packed codes so far. */
    PackedTiles packed() {
        return packed;
    }

    /** Time in the encoder so far. */
    double seconds() {
        return nanos / 1e9;
    }

    @Override
    public void close() {
        workspace.close();
    }
}
