package dev.quipforge.llm.linear;

import dev.quipforge.engine.compute.Matrix;

/**
 * A linear with a dense weight.
 *
 * @param weight W, [outputs × inputs]
 */
public record DenseLinear(Matrix weight) implements Linear {

    @Override
    public int outputs() {
        return weight.rows();
    }

    @Override
    public int inputs() {
        return weight.columns();
    }
}
