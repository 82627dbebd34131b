package dev.quipforge.llm.weights;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.incoherence.Hadamard;
import dev.quipforge.engine.packing.TrellisPacking;
import dev.quipforge.engine.trellis.Trellis;
import dev.quipforge.llm.model.LinearShape;
import dev.quipforge.llm.model.QuantizedNames;
import dev.quipforge.llm.safetensors.TensorSource;
import java.lang.foreign.Arena;
import java.util.Arrays;

/** Makes the dense weight of a quantized linear: W = diag(SV) Hm Ŵ Hnᵀ diag(SU), Ŵ the values of the codes (QTIP, section 5). */
public final class TrellisDecoder {

    private static final int TILE = LinearShape.TILE;
    private static final int SEQUENCE = TILE * TILE;

    private final ComputeBackend backend;
    private final Trellis trellis;

    /** Decodes codes of {@code trellis} on {@code backend}. */
    public TrellisDecoder(ComputeBackend backend, Trellis trellis) {
        this.backend = backend;
        this.trellis = trellis;
    }

    /**
     * Decodes a linear.
     *
     * @param workspace owner of the result
     * @param tensors holds the codes and vectors of the linear
     * @param linear its name
     * @param shape its shape
     * @return W, [outputs × inputs]
     */
    public Matrix decode(Workspace workspace, TensorSource tensors, String linear, LinearShape shape) {
        Matrix weights = workspace.matrix(shape.outputs(), shape.inputs());
        decodeTiles(tensors.tensor(QuantizedNames.trellis(linear)).shorts(), weights);
        backend.hadamard().transformRows(Hadamard.of(shape.inputs()), weights);
        backend.hadamard().transformColumns(Hadamard.of(shape.outputs()), weights);
        try (Workspace temporary = backend.workspace()) {
            backend.dense()
                    .scaleColumns(
                            weights,
                            WeightLoader.load(backend, temporary, tensors.tensor(QuantizedNames.inputSigns(linear))));
            backend.dense()
                    .scaleRows(
                            weights,
                            WeightLoader.load(backend, temporary, tensors.tensor(QuantizedNames.outputScales(linear))));
        }
        return weights;
    }

    /** Fills the matrix with code values, one row of tiles after the other. */
    private void decodeTiles(short[] words, Matrix weights) {
        int across = weights.columns() / TILE;
        int wordsPerTile = words.length / (weights.rows() / TILE * across);
        try (Workspace temporary = backend.workspace();
                Arena arena = Arena.ofConfined()) {
            Matrix decoded = temporary.matrix(across, SEQUENCE);
            HostMatrix values = HostMatrix.allocate(arena, across, SEQUENCE);
            HostMatrix strip = HostMatrix.allocate(arena, TILE, weights.columns());
            for (int i = 0; i < weights.rows() / TILE; i++) {
                int first = i * across * wordsPerTile;
                short[] row = Arrays.copyOfRange(words, first, first + across * wordsPerTile);
                try (Workspace states = backend.workspace()) {
                    backend.trellis().decode(trellis, states(states, row, across), decoded);
                }
                backend.download(decoded, values);
                untile(values, strip);
                backend.upload(strip, weights.rows(i * TILE, (i + 1) * TILE));
            }
        }
    }

    private IntMatrix states(Workspace workspace, short[] words, int tiles) {
        int steps = trellis.steps(SEQUENCE);
        int wordsPerTile = words.length / tiles;
        int[] states = new int[tiles * steps];
        for (int tile = 0; tile < tiles; tile++) {
            short[] one = Arrays.copyOfRange(words, tile * wordsPerTile, (tile + 1) * wordsPerTile);
            int[] path = TrellisPacking.unpack(trellis, one, steps);
            System.arraycopy(path, 0, states, tile * steps, steps);
        }
        return workspace.copyOf(tiles, steps, states);
    }

    /** Tile j, row by row in row j of {@code values}, becomes columns 16 j to 16 j + 15 of {@code strip}. */
    private static void untile(HostMatrix values, HostMatrix strip) {
        for (int tile = 0; tile < values.rows(); tile++) {
            HostMatrix square = values.rows(tile, tile + 1).reshape(TILE, TILE);
            for (int r = 0; r < TILE; r++) {
                for (int c = 0; c < TILE; c++) {
                    strip.set(r, tile * TILE + c, square.get(r, c));
                }
            }
        }
    }
}
