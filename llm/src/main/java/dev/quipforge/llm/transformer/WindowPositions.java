package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.RotaryGeometry;
import org.jspecify.annotations.Nullable;

/**
 * Windows of equal length below each other, each from its first token to its last.
 *
 * @param backend where to compute
 * @param windows how many
 * @param tokens of each
 * @param keys where the keys of all go
 * @param values where their values go
 */
record WindowPositions(ComputeBackend backend, int windows, int tokens, Matrix keys, Matrix values)
        implements Positions {

    @Override
    public int length() {
        return tokens;
    }

    @Override
    public void rotate(Matrix heads, RotaryGeometry geometry, Matrix frequencies) {
        backend.transformer().rotate(heads, geometry, frequencies, tokens, 0);
    }

    @Override
    public void attend(AttentionGeometry geometry, Matrix query, @Nullable Matrix sinks, Matrix gathered) {
        AttentionInputs inputs = new AttentionInputs(query, keys, values, sinks);
        backend.transformer().causalAttention(geometry, inputs, windows, gathered);
    }
}
