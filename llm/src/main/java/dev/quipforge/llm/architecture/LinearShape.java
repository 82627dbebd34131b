package dev.quipforge.llm.architecture;

import java.util.List;

/**
 * The shape of a linear's weight, [outputs × inputs].
 *
 * @param outputs rows m
 * @param inputs columns n
 */
public record LinearShape(int outputs, int inputs) {

    /** Number of weights. */
    public long weights() {
        return (long) outputs * inputs;
    }

    /** As in a tensor file. */
    public List<Long> asList() {
        return List.of((long) outputs, (long) inputs);
    }

    @Override
    public String toString() {
        return outputs + " x " + inputs;
    }
}
