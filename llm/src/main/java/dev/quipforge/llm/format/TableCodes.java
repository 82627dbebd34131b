package dev.quipforge.llm.format;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.packing.PackedTiles;
import dev.quipforge.engine.packing.WordPairs;
import dev.quipforge.engine.trellis.Hybrid;
import dev.quipforge.engine.trellis.Trellis;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.TensorSource;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * The codes of a linear of HYB in a backend's memory, packed. Their values are those of a table that is given with every
 * call: it may be trained.
 */
public final class TableCodes {

    private final ComputeBackend backend;
    private final Trellis trellis;
    private final IntMatrix words;
    private final float[] table;

    private TableCodes(ComputeBackend backend, Trellis trellis, IntMatrix words, float[] table) {
        this.backend = backend;
        this.trellis = trellis;
        this.words = words;
        this.table = table;
    }

    /** The codes of {@code linear}, in memory of {@code workspace}. */
    static TableCodes load(
            ComputeBackend backend, Workspace workspace, Trellis trellis, TensorSource tensors, String linear) {
        int[] joined =
                WordPairs.join(tensors.tensor(linear + TrellisFormat.SUFFIX).shorts());
        int perTile = PackedTiles.SIDE * trellis.bits() / 2;
        IntMatrix words = workspace.copyOf(joined.length / perTile, perTile, joined);
        return new TableCodes(backend, trellis, words, table(trellis, tensors, linear + StoredTensor.TABLE));
    }

    private static float[] table(Trellis trellis, TensorSource tensors, String name) {
        float[] pairs = ((Hybrid) trellis.code()).pairs();
        if (!tensors.contains(name)) {
            return pairs;
        }
        Tensor own = tensors.tensor(name).requireFloating().requireShape(List.of(pairs.length / 2L, 2L));
        own.requireFinite();
        return own.floats();
    }

    /** The table of the linear: its own, else that of the code, [2^Q × 2] in memory of {@code workspace}. */
    public Matrix table(Workspace workspace) {
        try (Arena arena = Arena.ofConfined()) {
            return workspace.copyOf(HostMatrix.of(arena, table.length / 2, 2, table));
        }
    }

    /**
     * Writes the values of the codes.
     *
     * @param values from this table, [2^Q × 2]
     * @param target receives them, [m × n], padded or not
     */
    public void decode(Matrix values, Matrix target) {
        if (isWhole(target)) {
            backend.trellis().decodeTiles(trellis, words, values, target);
            return;
        }
        try (Workspace temporary = backend.workspace()) {
            Matrix padded = padded(temporary, target);
            backend.trellis().decodeTiles(trellis, words, values, padded);
            backend.dense().copy(corner(padded, target), target);
        }
    }

    /**
     * Adds the gradient with respect to the table.
     *
     * @param gradient with respect to the values of the codes, [m × n], padded or not
     * @param tableGradient receives it, [2^Q × 2]
     */
    public void addGradient(Matrix gradient, Matrix tableGradient) {
        if (isWhole(gradient)) {
            backend.gradient().addTable(trellis, words, gradient, tableGradient);
            return;
        }
        try (Workspace temporary = backend.workspace()) {
            Matrix padded = padded(temporary, gradient);
            backend.dense().copy(gradient, corner(padded, gradient));
            backend.gradient().addTable(trellis, words, padded, tableGradient);
        }
    }

    /** Whether it consists of whole tiles. */
    private static boolean isWhole(Matrix weights) {
        return weights.rows() % PackedTiles.SIDE == 0 && weights.columns() % PackedTiles.SIDE == 0;
    }

    /** Zeros of whole tiles around its shape. */
    private static Matrix padded(Workspace workspace, Matrix weights) {
        return workspace.matrix(
                WeightFormat.padded(weights.rows(), PackedTiles.SIDE),
                WeightFormat.padded(weights.columns(), PackedTiles.SIDE));
    }

    private static Matrix corner(Matrix padded, Matrix model) {
        return padded.rows(0, model.rows()).columns(0, model.columns());
    }
}
