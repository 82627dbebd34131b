package dev.quipforge.llm.tuning;

import dev.quipforge.llm.training.Parameter;
import java.util.List;

/** What a training makes small, as a function of its parameters. */
interface Objective {

    /** What is trained. */
    List<Parameter> parameters();

    /**
     * Adds gradients of one batch of a step.
     *
     * @param batch its windows
     * @param windows windows of the whole step, over which the mean is taken
     */
    void addGradients(List<Integer> batch, int windows);

    /** The sum of the losses of some windows, each the mean over its tokens. */
    double loss(List<Integer> batch);
}
