package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.Rotary;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The inverse frequencies of rotary embeddings on a backend, made when they are first asked for. */
final class RotaryTables {

    private final Workspace workspace;
    private final Map<Key, Matrix> tables = new ConcurrentHashMap<>();

    private record Key(Rotary rotary, int variant) {}

    /**
     * @param workspace owner of the tables
     */
    RotaryTables(Workspace workspace) {
        this.workspace = workspace;
    }

    /** Those of texts of {@code length} tokens, [1 × pairs]. */
    Matrix frequencies(Rotary rotary, int length) {
        return tables.computeIfAbsent(
                new Key(rotary, rotary.scaling().variant(length)), _ -> workspace.rowOf(rotary.frequencies(length)));
    }
}
