package dev.quipforge.llm.format;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.packing.PackedTiles;
import dev.quipforge.engine.packing.WordPairs;
import dev.quipforge.engine.trellis.Hybrid;
import dev.quipforge.engine.trellis.Trellis;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.TensorSource;
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

    /** The table of a linear, or that of the code where it has none of its own. */
    static float[] table(Trellis trellis, TensorSource tensors, String name) {
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
        return workspace.rowOf(table).reshape(table.length / 2, 2);
    }

    /**
     * Writes the values of the codes.
     *
     * @param values from this table, [2^Q × 2]
     * @param target receives them, [m × n], padded or not
     */
    public void decode(Matrix values, Matrix target) {
        padding().write(target, whole -> backend.trellis().decodeTiles(trellis, words, values, whole));
    }

    /**
     * Adds the gradient with respect to the table.
     *
     * @param gradient with respect to the values of the codes, [m × n], padded or not
     * @param tableGradient receives it, [2^Q × 2]
     */
    public void addGradient(Matrix gradient, Matrix tableGradient) {
        padding().read(gradient, whole -> backend.gradient().addTable(trellis, words, whole, tableGradient));
    }

    private Padding padding() {
        return new Padding(backend, PackedTiles.SIDE, PackedTiles.SIDE);
    }
}
