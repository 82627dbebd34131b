package dev.quipforge.engine.compute;

import dev.quipforge.engine.compute.GradientOps.AttentionGradients;
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

    /** Demands queries, keys, values and output that {@link GradientOps#causalAttention} can take. */
    public static void requireAttention(
            AttentionGeometry geometry, Matrix query, Matrix key, Matrix value, int windows, Matrix output) {
        TransformerShapes.requireAttention(geometry, query, key, value, windows, output);
        Shapes.require("key", key, query.rows(), key.columns());
    }

    /** Demands that the gradients of attention have the shapes of what they are gradients of. */
    public static void requireAttention(
            Matrix query, Matrix key, Matrix outputGradient, AttentionGradients inputGradients) {
        Shapes.requireSame("output gradient", outputGradient, query);
        Shapes.requireSame("query gradient", inputGradients.query(), query);
        Shapes.requireSame("key gradient", inputGradients.key(), key);
        Shapes.requireSame("value gradient", inputGradients.value(), key);
    }

    /** Demands arguments that {@link GradientOps#swiGlu} can take. */
    public static void requireSwiGlu(
            Matrix gate, Matrix up, Matrix outputGradient, Matrix gateGradient, Matrix upGradient) {
        Shapes.requireSame("up", up, gate);
        Shapes.requireSame("output gradient", outputGradient, gate);
        Shapes.requireSame("gate gradient", gateGradient, gate);
        Shapes.requireSame("up gradient", upGradient, gate);
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
