package dev.quipforge.engine.compute.scalar;

import dev.quipforge.engine.compute.AdamStep;
import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.GatedActivation;
import dev.quipforge.engine.compute.GradientOps;
import dev.quipforge.engine.compute.GradientShapes;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.RotaryGeometry;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.TransformerShapes;
import dev.quipforge.engine.compute.host.HybridShapes;
import dev.quipforge.engine.trellis.Hybrid;
import dev.quipforge.engine.trellis.Trellis;
import java.util.List;

/** The definition of {@link GradientOps}. */
final class ScalarGradientOps implements GradientOps {

    @Override
    public void project(List<Matrix> outputGradients, List<Matrix> weights, Matrix inputGradient) {
        GradientShapes.requireProjection(outputGradients, weights, inputGradient);
        HostMatrix result = HostMatrix.require(inputGradient);
        for (int i = 0; i < result.rows(); i++) {
            for (int j = 0; j < result.columns(); j++) {
                double sum = 0;
                for (int layer = 0; layer < weights.size(); layer++) {
                    HostMatrix weight = HostMatrix.require(weights.get(layer));
                    HostMatrix gradient = HostMatrix.require(outputGradients.get(layer));
                    for (int n = 0; n < weight.rows(); n++) {
                        sum += (double) gradient.get(i, n) * weight.get(n, j);
                    }
                }
                result.set(i, j, (float) sum);
            }
        }
    }

    @Override
    public void addWeight(Matrix outputGradient, Matrix input, Matrix weightGradient) {
        GradientShapes.requireWeight(outputGradient, input, weightGradient);
        HostMatrix gradient = HostMatrix.require(outputGradient);
        HostMatrix from = HostMatrix.require(input);
        HostMatrix result = HostMatrix.require(weightGradient);
        for (int n = 0; n < result.rows(); n++) {
            for (int j = 0; j < result.columns(); j++) {
                double sum = result.get(n, j);
                for (int t = 0; t < from.rows(); t++) {
                    sum += (double) gradient.get(t, n) * from.get(t, j);
                }
                result.set(n, j, (float) sum);
            }
        }
    }

    @Override
    public void addColumnProducts(Matrix a, Matrix b, Matrix sums) {
        GradientShapes.requireColumnProducts(a, b, sums);
        HostMatrix left = HostMatrix.require(a);
        HostMatrix right = HostMatrix.require(b);
        HostMatrix result = HostMatrix.require(sums);
        for (int j = 0; j < left.columns(); j++) {
            double sum = result.get(0, j);
            for (int i = 0; i < left.rows(); i++) {
                sum += (double) left.get(i, j) * right.get(i, j);
            }
            result.set(0, j, (float) sum);
        }
    }

    @Override
    public void addColumnSums(Matrix gradient, Matrix sums) {
        Shapes.require("sums", sums, 1, gradient.columns());
        HostMatrix from = HostMatrix.require(gradient);
        HostMatrix result = HostMatrix.require(sums);
        for (int j = 0; j < from.columns(); j++) {
            double sum = result.get(0, j);
            for (int i = 0; i < from.rows(); i++) {
                sum += from.get(i, j);
            }
            result.set(0, j, (float) sum);
        }
    }

    /** With r = 1 / sqrt(mean(x²) + epsilon): dx = r (dy ∘ w − x r² mean(dy ∘ w ∘ x)), dw += Σ_rows dy ∘ x r. */
    @Override
    public void rmsNorm(
            Matrix input,
            Matrix weight,
            float epsilon,
            Matrix outputGradient,
            Matrix inputGradient,
            Matrix weightGradient) {
        GradientShapes.requireNorm(input, weight, outputGradient, inputGradient, weightGradient);
        HostMatrix x = HostMatrix.require(input);
        HostMatrix w = HostMatrix.require(weight);
        HostMatrix dy = HostMatrix.require(outputGradient);
        HostMatrix dx = HostMatrix.require(inputGradient);
        HostMatrix dw = HostMatrix.require(weightGradient);
        double[] sums = new double[x.columns()];
        for (int i = 0; i < x.rows(); i++) {
            double squares = 0;
            double products = 0;
            for (int j = 0; j < x.columns(); j++) {
                squares += (double) x.get(i, j) * x.get(i, j);
                products += (double) dy.get(i, j) * w.get(0, j) * x.get(i, j);
            }
            double norm = 1 / Math.sqrt(squares / x.columns() + epsilon);
            double along = norm * norm * products / x.columns();
            for (int j = 0; j < x.columns(); j++) {
                double gradient = dy.get(i, j);
                sums[j] += gradient * x.get(i, j) * norm;
                dx.set(i, j, (float) (norm * (gradient * w.get(0, j) - along * x.get(i, j))));
            }
        }
        for (int j = 0; j < sums.length; j++) {
            dw.set(0, j, (float) (dw.get(0, j) + sums[j]));
        }
    }

    @Override
    public void rotate(Matrix gradient, RotaryGeometry geometry, Matrix frequencies, int window, int firstPosition) {
        TransformerShapes.requireRotation(gradient, geometry, frequencies, window, firstPosition);
        HostMatrix inverse = HostMatrix.require(frequencies);
        ScalarRotation.turn(-1, HostMatrix.require(gradient), geometry, inverse, row -> firstPosition + row % window);
    }

    @Override
    public void causalAttention(
            AttentionGeometry geometry,
            AttentionInputs inputs,
            Matrix output,
            int windows,
            Matrix outputGradient,
            AttentionInputs gradients) {
        GradientShapes.requireAttention(geometry, inputs, windows, output);
        GradientShapes.requireAttention(inputs, output, outputGradient, gradients);
        new ScalarAttentionGradient(new ScalarAttention(geometry, inputs, windows)).backward(outputGradient, gradients);
    }

    @Override
    public void gate(
            GatedActivation activation,
            Matrix gate,
            Matrix up,
            Matrix outputGradient,
            Matrix gateGradient,
            Matrix upGradient) {
        GradientShapes.requireGate(gate, up, outputGradient, gateGradient, upGradient);
        HostMatrix gates = HostMatrix.require(gate);
        HostMatrix ups = HostMatrix.require(up);
        HostMatrix gradients = HostMatrix.require(outputGradient);
        HostMatrix gateResult = HostMatrix.require(gateGradient);
        HostMatrix upResult = HostMatrix.require(upGradient);
        for (int i = 0; i < gates.rows(); i++) {
            for (int j = 0; j < gates.columns(); j++) {
                double x = gates.get(i, j);
                double u = ups.get(i, j);
                double gradient = gradients.get(i, j);
                double slope = ScalarGates.slope(activation, x) * ScalarGates.factor(activation, u);
                double upSlope = ScalarGates.value(activation, x) * ScalarGates.factorSlope(activation, u);
                gateResult.set(i, j, (float) (gradient * slope));
                upResult.set(i, j, (float) (gradient * upSlope));
            }
        }
    }

    @Override
    public void softCap(Matrix output, float cap, Matrix gradient) {
        GradientShapes.requireCap(output, cap, gradient);
        HostMatrix capped = HostMatrix.require(output);
        HostMatrix result = HostMatrix.require(gradient);
        for (int i = 0; i < capped.rows(); i++) {
            for (int j = 0; j < capped.columns(); j++) {
                double tanh = capped.get(i, j) / (double) cap;
                result.set(i, j, (float) (result.get(i, j) * (1 - tanh * tanh)));
            }
        }
    }

    @Override
    public void rowProducts(Matrix a, Matrix b, Matrix products) {
        GradientShapes.requireRowProducts(a, b, products);
        HostMatrix left = HostMatrix.require(a);
        HostMatrix right = HostMatrix.require(b);
        HostMatrix result = HostMatrix.require(products);
        for (int i = 0; i < left.rows(); i++) {
            double sum = 0;
            for (int j = 0; j < left.columns(); j++) {
                sum += (double) left.get(i, j) * right.get(i, j);
            }
            result.set(0, i, (float) sum);
        }
    }

    @Override
    public double squaredError(Matrix output, Matrix target, float factor, Matrix gradient) {
        GradientShapes.requireError(output, target, gradient);
        HostMatrix actual = HostMatrix.require(output);
        HostMatrix expected = HostMatrix.require(target);
        HostMatrix result = HostMatrix.require(gradient);
        double sum = 0;
        for (int i = 0; i < actual.rows(); i++) {
            for (int j = 0; j < actual.columns(); j++) {
                double difference = (double) actual.get(i, j) - expected.get(i, j);
                sum += difference * difference;
                result.set(i, j, (float) (2 * factor * difference));
            }
        }
        return sum;
    }

    @Override
    public double divergence(Matrix reference, Matrix candidate, float factor, Matrix gradient) {
        GradientShapes.requireDivergence(reference, candidate, gradient);
        HostMatrix p = HostMatrix.require(reference);
        HostMatrix q = HostMatrix.require(candidate);
        HostMatrix result = HostMatrix.require(gradient);
        double sum = 0;
        for (int i = 0; i < p.rows(); i++) {
            double pTotal = ScalarTransformerOps.logSumExp(p, i);
            double qTotal = ScalarTransformerOps.logSumExp(q, i);
            for (int j = 0; j < p.columns(); j++) {
                double logP = p.get(i, j) - pTotal;
                double logQ = q.get(i, j) - qTotal;
                sum += Math.exp(logP) * (logP - logQ);
                result.set(i, j, (float) (factor * (Math.exp(logQ) - Math.exp(logP))));
            }
        }
        return sum;
    }

    @Override
    public void addTable(Trellis trellis, IntMatrix words, Matrix gradient, Matrix tableGradient) {
        HybridShapes.require(trellis, words, tableGradient, gradient);
        HostMatrix slopes = HostMatrix.require(gradient);
        HostMatrix result = HostMatrix.require(tableGradient);
        int[][] states = ScalarTrellisOps.states(trellis, words);
        int side = ScalarTrellisOps.SIDE;
        double[][] sums = new double[result.rows()][2];
        for (int i = 0; i < slopes.rows(); i++) {
            for (int j = 0; j < slopes.columns(); j++) {
                int state = states[i / side * (slopes.columns() / side) + j / side][(i % side * side + j % side) / 2];
                boolean negative = j % 2 == 0 && Hybrid.isNegative(state);
                sums[Hybrid.row(state, sums.length)][j % 2] += negative ? -slopes.get(i, j) : slopes.get(i, j);
            }
        }
        for (int row = 0; row < sums.length; row++) {
            for (int v = 0; v < 2; v++) {
                result.set(row, v, (float) (result.get(row, v) + sums[row][v]));
            }
        }
    }

    @Override
    public void adam(AdamStep step, Matrix parameter, Matrix gradient, Matrix mean, Matrix square) {
        GradientShapes.requireAdam(parameter, gradient, mean, square);
        HostMatrix values = HostMatrix.require(parameter);
        HostMatrix gradients = HostMatrix.require(gradient);
        HostMatrix means = HostMatrix.require(mean);
        HostMatrix squares = HostMatrix.require(square);
        for (int i = 0; i < values.rows(); i++) {
            for (int j = 0; j < values.columns(); j++) {
                double slope = gradients.get(i, j);
                double first = (double) step.beta1() * means.get(i, j) + (1 - (double) step.beta1()) * slope;
                double second = (double) step.beta2() * squares.get(i, j) + (1 - (double) step.beta2()) * slope * slope;
                means.set(i, j, (float) first);
                squares.set(i, j, (float) second);
                double change =
                        first * step.meanCorrection() / (Math.sqrt(second * step.squareCorrection()) + step.epsilon());
                values.set(i, j, (float) (values.get(i, j) - step.rate() * change));
                gradients.set(i, j, 0);
            }
        }
    }
}
