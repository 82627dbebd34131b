package dev.quipforge.benchmarks;

import dev.quipforge.engine.compute.AdamStep;
import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.DenseOps;
import dev.quipforge.engine.compute.GatedActivation;
import dev.quipforge.engine.compute.GradientOps;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.RotaryGeometry;
import dev.quipforge.engine.compute.TransformerOps;
import dev.quipforge.engine.compute.Workspace;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/**
 * A decoder block with random weights, all of them trained by Adam to give what a random target says: the operations that
 * calibration and tuning are made of.
 */
final class SyntheticBlock {

    private static final float EPSILON = 1e-5f;
    private static final float RATE = 1e-4f;

    private final ComputeBackend backend;
    private final BlockShape shape;
    private final Workspace workspace;
    private final int windows;
    private final int tokens;
    private final List<Parameter> linears = new ArrayList<>();
    private final Parameter attentionNorm;
    private final Parameter mlpNorm;
    private final Matrix frequencies;
    private final Matrix input;
    private final Matrix target;
    private final Tape tape;
    private final Slopes slopes;
    private int steps;

    /**
     * @param backend where
     * @param workspace owner of all of it
     * @param shape widths
     * @param windows windows of a batch
     * @param length tokens of a window
     */
    SyntheticBlock(ComputeBackend backend, Workspace workspace, BlockShape shape, int windows, int length) {
        this.backend = backend;
        this.workspace = workspace;
        this.shape = shape;
        this.windows = windows;
        this.tokens = windows * length;
        try (Arena arena = Arena.ofConfined()) {
            for (Shape linear : shape.linears()) {
                double deviation = 1 / Math.sqrt(linear.columns());
                linears.add(parameter(arena, linear.rows(), linear.columns(), deviation));
            }
            attentionNorm = parameter(arena, 1, shape.hidden(), 1);
            mlpNorm = parameter(arena, 1, shape.hidden(), 1);
            float[] inverse = new float[shape.headWidth() / 2];
            for (int i = 0; i < inverse.length; i++) {
                inverse[i] = (float) Math.pow(500_000, -2.0 * i / shape.headWidth());
            }
            frequencies = workspace.rowOf(inverse);
            input = repeated(arena, "block/input", tokens, shape.hidden(), 1);
            target = repeated(arena, "block/target", tokens, shape.hidden(), 1);
        }
        tape = new Tape(workspace, shape, tokens);
        slopes = new Slopes(workspace, shape, tokens);
    }

    private record Parameter(Matrix value, Matrix gradient, Matrix mean, Matrix square) {}

    /** What the forward pass keeps. */
    private static final class Tape {

        private final Matrix normed;
        private final Matrix query;
        private final Matrix key;
        private final Matrix value;
        private final Matrix gathered;
        private final Matrix middle;
        private final Matrix middleNormed;
        private final Matrix gate;
        private final Matrix up;
        private final Matrix product;
        private final Matrix output;

        Tape(Workspace workspace, BlockShape shape, int tokens) {
            normed = workspace.matrix(tokens, shape.hidden());
            query = workspace.matrix(tokens, shape.queries());
            key = workspace.matrix(tokens, shape.keys());
            value = workspace.matrix(tokens, shape.keys());
            gathered = workspace.matrix(tokens, shape.queries());
            middle = workspace.matrix(tokens, shape.hidden());
            middleNormed = workspace.matrix(tokens, shape.hidden());
            gate = workspace.matrix(tokens, shape.inner());
            up = workspace.matrix(tokens, shape.inner());
            product = workspace.matrix(tokens, shape.inner());
            output = workspace.matrix(tokens, shape.hidden());
        }
    }

    /** Gradients with respect to activations. */
    private static final class Slopes {

        private final Matrix output;
        private final Matrix normed;
        private final Matrix gathered;
        private final Matrix query;
        private final Matrix key;
        private final Matrix value;
        private final Matrix gate;
        private final Matrix up;

        Slopes(Workspace workspace, BlockShape shape, int tokens) {
            output = workspace.matrix(tokens, shape.hidden());
            normed = workspace.matrix(tokens, shape.hidden());
            gathered = workspace.matrix(tokens, shape.queries());
            query = workspace.matrix(tokens, shape.queries());
            key = workspace.matrix(tokens, shape.keys());
            value = workspace.matrix(tokens, shape.keys());
            gate = workspace.matrix(tokens, shape.inner());
            up = workspace.matrix(tokens, shape.inner());
        }
    }

    private Parameter parameter(Arena arena, int rows, int columns, double deviation) {
        Matrix value = repeated(arena, "block/" + linears.size() + "/" + rows, rows, columns, deviation);
        return new Parameter(
                value,
                workspace.matrix(rows, columns),
                workspace.matrix(rows, columns),
                workspace.matrix(rows, columns));
    }

    /** Draws, of which there are 64 different rows: so many that nothing is special, and so few that drawing takes no time. */
    private Matrix repeated(Arena arena, String name, int rows, int columns, double deviation) {
        int different = Math.min(rows, 64);
        Matrix some = workspace.copyOf(Bench.gaussian(arena, name, different, columns, deviation));
        Matrix all = workspace.matrix(rows, columns);
        for (int first = 0; first < rows; first += different) {
            int end = Math.min(rows, first + different);
            dense().copy(some.rows(0, end - first), all.rows(first, end));
        }
        return all;
    }

    /** The output, for whoever waits for it. */
    Matrix output() {
        return tape.output;
    }

    /** One of the trained weights, for whoever waits for a step. */
    Matrix trained() {
        return linears.getLast().value;
    }

    /** Through attention and MLP, keeping what the way back needs. */
    void forward() {
        TransformerOps operations = backend.transformer();
        operations.rmsNorm(input, attentionNorm.value, EPSILON, tape.normed);
        dense().project(tape.normed, weights(0, 3), List.of(tape.query, tape.key, tape.value));
        int length = tokens / windows;
        RotaryGeometry rotary = RotaryGeometry.whole(shape.headWidth());
        operations.rotate(tape.query, rotary, frequencies, length, 0);
        operations.rotate(tape.key, rotary, frequencies, length, 0);
        operations.causalAttention(
                shape.attention(), new AttentionInputs(tape.query, tape.key, tape.value), windows, tape.gathered);
        dense().project(tape.gathered, weights(3, 4), List.of(tape.middle));
        dense().add(1, input, tape.middle);
        operations.rmsNorm(tape.middle, mlpNorm.value, EPSILON, tape.middleNormed);
        dense().project(tape.middleNormed, weights(4, 6), List.of(tape.gate, tape.up));
        dense().copy(tape.gate, tape.product);
        operations.gate(GatedActivation.SILU, tape.product, tape.up);
        dense().project(tape.product, weights(6, 7), List.of(tape.output));
        dense().add(1, tape.middle, tape.output);
    }

    /** From the squared error of the output back to the input. */
    void backward() {
        gradients().squaredError(tape.output, target, 1f / tokens, slopes.output);
        backThroughMlp();
        backThroughAttention();
    }

    private void backThroughMlp() {
        gradients().project(List.of(slopes.output), weights(6, 7), slopes.gate);
        gradients().addWeight(slopes.output, tape.product, linears.get(6).gradient);
        gradients().gate(GatedActivation.SILU, tape.gate, tape.up, slopes.gate, slopes.gate, slopes.up);
        gradients().project(List.of(slopes.gate, slopes.up), weights(4, 6), slopes.normed);
        gradients().addWeight(slopes.gate, tape.middleNormed, linears.get(4).gradient);
        gradients().addWeight(slopes.up, tape.middleNormed, linears.get(5).gradient);
        backThroughNorm(tape.middle, mlpNorm);
    }

    private void backThroughAttention() {
        gradients().project(List.of(slopes.output), weights(3, 4), slopes.gathered);
        gradients().addWeight(slopes.output, tape.gathered, linears.get(3).gradient);
        gradients()
                .causalAttention(
                        shape.attention(),
                        new AttentionInputs(tape.query, tape.key, tape.value),
                        tape.gathered,
                        windows,
                        slopes.gathered,
                        new AttentionInputs(slopes.query, slopes.key, slopes.value));
        int length = tokens / windows;
        RotaryGeometry rotary = RotaryGeometry.whole(shape.headWidth());
        gradients().rotate(slopes.query, rotary, frequencies, length, 0);
        gradients().rotate(slopes.key, rotary, frequencies, length, 0);
        gradients().project(List.of(slopes.query, slopes.key, slopes.value), weights(0, 3), slopes.normed);
        gradients().addWeight(slopes.query, tape.normed, linears.get(0).gradient);
        gradients().addWeight(slopes.key, tape.normed, linears.get(1).gradient);
        gradients().addWeight(slopes.value, tape.normed, linears.get(2).gradient);
        backThroughNorm(input, attentionNorm);
    }

    /** Adds what comes back through a norm to what comes back beside it. */
    private void backThroughNorm(Matrix normalized, Parameter norm) {
        gradients().rmsNorm(normalized, norm.value, EPSILON, slopes.normed, slopes.normed, norm.gradient);
        dense().add(1, slopes.normed, slopes.output);
    }

    /** A step of Adam for every parameter. */
    void update() {
        AdamStep step = AdamStep.usual(RATE, ++steps);
        for (Parameter parameter : linears) {
            update(step, parameter);
        }
        update(step, attentionNorm);
        update(step, mlpNorm);
    }

    private void update(AdamStep step, Parameter parameter) {
        gradients().adam(step, parameter.value, parameter.gradient, parameter.mean, parameter.square);
    }

    private List<Matrix> weights(int from, int to) {
        return linears.subList(from, to).stream().map(Parameter::value).toList();
    }

    private DenseOps dense() {
        return backend.dense();
    }

    private GradientOps gradients() {
        return backend.gradient();
    }
}
