package dev.quipforge.engine.compute;

import java.util.List;

/** Checks of the arguments of {@link GradientOps} that every backend makes before it computes. */
public final class GradientShapes {

    private GradientShapes() {}

    /** Demands arguments that {@link GradientOps#project} can take. */
    public static void requireProjection(List<Matrix> outputGradients, List<Matrix> weights, Matrix inputGradient) {
        if (outputGradients.isEmpty() || outputGradients.size() != weights.size()) {
            throw new IllegalArgumentException("layers: " + outputGradients.size() + " output gradients, "
                    + weights.size() + " weights (expected: as many, at least one)");
        }
        for (int i = 0; i < weights.size(); i++) {
            Matrix weight = weights.get(i);
            Shapes.require("weight " + i, weight, weight.rows(), inputGradient.columns());
            Shapes.require("output gradient " + i, outputGradients.get(i), inputGradient.rows(), weight.rows());
        }
    }

    /** Demands arguments that {@link GradientOps#addWeight} can take. */
    public static void requireWeight(Matrix outputGradient, Matrix input, Matrix weightGradient) {
        Shapes.require("input", input, outputGradient.rows(), input.columns());
        Shapes.require("weight gradient", weightGradient, outputGradient.columns(), input.columns());
    }

    /** Demands arguments that {@link GradientOps#addColumnProducts} can take. */
    public static void requireColumnProducts(Matrix a, Matrix b, Matrix sums) {
        Shapes.requireSame("b", b, a);
        Shapes.require("sums", sums, 1, a.columns());
    }

    /** Demands arguments that {@link GradientOps#rmsNorm} can take. */
    public static void requireNorm(
            Matrix input, Matrix weight, Matrix outputGradient, Matrix inputGradient, Matrix weightGradient) {
        Shapes.require("weight", weight, 1, input.columns());
        Shapes.requireSame("output gradient", outputGradient, input);
        Shapes.requireSame("input gradient", inputGradient, input);
        Shapes.requireSame("weight gradient", weightGradient, weight);
    }

    /** Demands arguments that {@link GradientOps#causalAttention} can take, but for its gradients. */
    public static void requireAttention(
            AttentionGeometry geometry, AttentionInputs inputs, int windows, Matrix output) {
        TransformerShapes.requireAttention(geometry, inputs, windows, output);
        Shapes.require("key", inputs.key(), inputs.query().rows(), inputs.key().columns());
    }

    /** Demands that the gradients of attention have the shapes of what they are gradients of. */
    public static void requireAttention(
            AttentionInputs inputs, Matrix output, Matrix outputGradient, AttentionInputs gradients) {
        Shapes.requireSame("output gradient", outputGradient, output);
        Shapes.requireSame("query gradient", gradients.query(), inputs.query());
        Shapes.requireSame("key gradient", gradients.key(), inputs.key());
        Shapes.requireSame("value gradient", gradients.value(), inputs.value());
        Matrix sinks = inputs.sinks();
        Matrix sinkGradient = gradients.sinks();
        if ((sinks == null) != (sinkGradient == null)) {
            throw new IllegalArgumentException("sinks: " + (sinks == null ? "none" : "given") + ", their gradient "
                    + (sinkGradient == null ? "none" : "given") + " (expected: both or none)");
        }
        if (sinks != null && sinkGradient != null) {
            Shapes.requireSame("sink gradient", sinkGradient, sinks);
        }
    }

    /** Demands arguments that {@link GradientOps#gate} can take. */
    public static void requireGate(
            Matrix gate, Matrix up, Matrix outputGradient, Matrix gateGradient, Matrix upGradient) {
        Shapes.requireSame("up", up, gate);
        Shapes.requireSame("output gradient", outputGradient, gate);
        Shapes.requireSame("gate gradient", gateGradient, gate);
        Shapes.requireSame("up gradient", upGradient, gate);
    }

    /** Demands arguments that {@link GradientOps#softCap} can take. */
    public static void requireCap(Matrix output, float cap, Matrix gradient) {
        TransformerShapes.requireCap(cap);
        Shapes.requireSame("gradient", gradient, output);
    }

    /** Demands arguments that {@link GradientOps#rowProducts} can take. */
    public static void requireRowProducts(Matrix a, Matrix b, Matrix products) {
        Shapes.requireSame("b", b, a);
        Shapes.require("products", products, 1, a.rows());
    }

    /** Demands arguments that {@link GradientOps#squaredError} can take. */
    public static void requireError(Matrix output, Matrix target, Matrix gradient) {
        Shapes.requireSame("target", target, output);
        Shapes.requireSame("gradient", gradient, output);
    }

    /** Demands arguments that {@link GradientOps#divergence} can take. */
    public static void requireDivergence(Matrix reference, Matrix candidate, Matrix gradient) {
        Shapes.requireSame("candidate", candidate, reference);
        Shapes.requireSame("gradient", gradient, reference);
    }

    /** Demands arguments that {@link GradientOps#adam} can take. */
    public static void requireAdam(Matrix parameter, Matrix gradient, Matrix mean, Matrix square) {
        Shapes.requireSame("gradient", gradient, parameter);
        Shapes.requireSame("mean", mean, parameter);
        Shapes.requireSame("square", square, parameter);
    }
}
