package dev.quipforge.engine.compute.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.AdamStep;
import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.GatedActivation;
import dev.quipforge.engine.compute.GradientOps;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.RotaryGeometry;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.packing.WordPairs;
import dev.quipforge.engine.trellis.Trellis;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/**
 * The definitions of gradients against central differences of the forward forms, which stand here once more in double
 * precision: L = Σ c ∘ output for some c, or the loss itself.
 */
class GradientsByDifferencesTest {

    private static final ComputeBackend BACKEND = new ScalarBackendProvider().open();
    private static final GradientOps GRADIENTS = BACKEND.gradient();
    private static final double STEP = 1e-4;
    private static final double LIMIT = 1e-6;

    private final Arena arena = Arena.ofAuto();

    @Test
    void layers() {
        HostMatrix input = gaussian(1, 5, 7);
        HostMatrix weight = gaussian(2, 3, 7);
        HostMatrix factors = gaussian(3, 5, 3);
        HostMatrix inputGradient = gaussian(4, 5, 7);
        GRADIENTS.project(List.of(factors), List.of(weight), inputGradient);
        double[][] w = doubles(weight);
        assertGradient(inputGradient, input, x -> weighted(factors, product(x, w)));

        HostMatrix weightGradient = zeros(weight);
        GRADIENTS.addWeight(factors, input, weightGradient);
        double[][] x = doubles(input);
        assertGradient(weightGradient, weight, v -> weighted(factors, product(x, v)));
    }

    @Test
    void scaledColumns() {
        HostMatrix input = gaussian(5, 5, 7);
        HostMatrix scales = gaussian(6, 1, 7);
        HostMatrix factors = gaussian(7, 5, 7);
        HostMatrix gradient = zeros(scales);
        GRADIENTS.addColumnProducts(factors, input, gradient);
        double[][] x = doubles(input);
        assertGradient(gradient, scales, s -> {
            double loss = 0;
            for (int i = 0; i < 5; i++) {
                for (int j = 0; j < 7; j++) {
                    loss += factors.get(i, j) * x[i][j] * s[0][j];
                }
            }
            return loss;
        });
    }

    @Test
    void norms() {
        HostMatrix input = gaussian(8, 4, 9);
        HostMatrix weight = gaussian(9, 1, 9);
        HostMatrix factors = gaussian(10, 4, 9);
        HostMatrix inputGradient = gaussian(11, 4, 9);
        HostMatrix weightGradient = zeros(weight);
        float epsilon = 0.125f;
        GRADIENTS.rmsNorm(input, weight, epsilon, factors, inputGradient, weightGradient);
        double[][] x = doubles(input);
        double[][] w = doubles(weight);
        assertGradient(inputGradient, input, v -> weighted(factors, norm(v, w, epsilon)));
        assertGradient(weightGradient, weight, v -> weighted(factors, norm(x, v, epsilon)));
    }

    private static double[][] norm(double[][] x, double[][] weight, double epsilon) {
        double[][] result = new double[x.length][x[0].length];
        for (int i = 0; i < x.length; i++) {
            double mean = 0;
            for (double value : x[i]) {
                mean += value * value / x[i].length;
            }
            for (int j = 0; j < x[i].length; j++) {
                result[i][j] = x[i][j] / Math.sqrt(mean + epsilon) * weight[0][j];
            }
        }
        return result;
    }

    @Test
    void rotations() {
        HostMatrix heads = gaussian(12, 6, 12);
        HostMatrix factors = gaussian(13, 6, 12);
        HostMatrix frequencies = HostMatrix.of(arena, 1, 3, 1, 0.25f, 0.0625f);
        HostMatrix gradient = gaussian(13, 6, 12);
        GRADIENTS.rotate(gradient, RotaryGeometry.whole(6), frequencies, 3, 5);
        assertGradient(gradient, heads, x -> weighted(factors, rotated(x, frequencies)));
    }

    private static double[][] rotated(double[][] x, HostMatrix frequencies) {
        double[][] result = new double[x.length][x[0].length];
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < x[i].length; j++) {
                double angle = (5 + i % 3) * frequencies.get(0, j % 3);
                double partner = j % 6 < 3 ? -x[i][j + 3] : x[i][j - 3];
                result[i][j] = x[i][j] * Math.cos(angle) + partner * Math.sin(angle);
            }
        }
        return result;
    }

    @Test
    void attention() {
        AttentionGeometry geometry = AttentionGeometry.of(4, 2, 3);
        HostMatrix query = gaussian(14, 10, 12);
        HostMatrix key = gaussian(15, 10, 6);
        HostMatrix value = gaussian(16, 10, 6);
        HostMatrix output = gaussian(17, 10, 12);
        HostMatrix factors = gaussian(18, 10, 12);
        AttentionInputs results = new AttentionInputs(gaussian(19, 10, 12), gaussian(20, 10, 6), gaussian(21, 10, 6));
        BACKEND.transformer().causalAttention(geometry, new AttentionInputs(query, key, value), 2, output);
        GRADIENTS.causalAttention(geometry, new AttentionInputs(query, key, value), output, 2, factors, results);
        double[][] q = doubles(query);
        double[][] k = doubles(key);
        double[][] v = doubles(value);
        double scale = geometry.scale();
        assertGradient(results.query(), query, x -> weighted(factors, attention(x, k, v, scale)));
        assertGradient(results.key(), key, x -> weighted(factors, attention(q, x, v, scale)));
        assertGradient(results.value(), value, x -> weighted(factors, attention(q, k, x, scale)));
    }

    /** Two windows of five tokens, four heads of width 3, two of keys and values. */
    private static double[][] attention(double[][] query, double[][] key, double[][] value, double scale) {
        double[][] result = new double[10][12];
        for (int i = 0; i < 10; i++) {
            for (int head = 0; head < 4; head++) {
                double sum = 0;
                for (int t = i / 5 * 5; t <= i; t++) {
                    double score = 0;
                    for (int c = 0; c < 3; c++) {
                        score += query[i][head * 3 + c] * key[t][head / 2 * 3 + c];
                    }
                    double weight = Math.exp(score * scale);
                    sum += weight;
                    for (int c = 0; c < 3; c++) {
                        result[i][head * 3 + c] += weight * value[t][head / 2 * 3 + c];
                    }
                }
                for (int c = 0; c < 3; c++) {
                    result[i][head * 3 + c] /= sum;
                }
            }
        }
        return result;
    }

    @Test
    void gates() {
        HostMatrix gate = gaussian(22, 6, 5);
        HostMatrix up = gaussian(23, 6, 5);
        HostMatrix factors = gaussian(24, 6, 5);
        HostMatrix gateGradient = gaussian(25, 6, 5);
        HostMatrix upGradient = gaussian(26, 6, 5);
        GRADIENTS.gate(GatedActivation.SILU, gate, up, factors, gateGradient, upGradient);
        double[][] g = doubles(gate);
        double[][] u = doubles(up);
        assertGradient(gateGradient, gate, x -> weighted(factors, gated(x, u)));
        assertGradient(upGradient, up, x -> weighted(factors, gated(g, x)));
    }

    private static double[][] gated(double[][] gate, double[][] up) {
        double[][] result = new double[gate.length][gate[0].length];
        for (int i = 0; i < gate.length; i++) {
            for (int j = 0; j < gate[i].length; j++) {
                result[i][j] = gate[i][j] * up[i][j] / (1 + Math.exp(-gate[i][j]));
            }
        }
        return result;
    }

    @Test
    void squaredErrors() {
        HostMatrix output = gaussian(27, 6, 5);
        HostMatrix target = gaussian(28, 6, 5);
        HostMatrix gradient = gaussian(29, 6, 5);
        double error = GRADIENTS.squaredError(output, target, 0.75f, gradient);
        double[][] expected = doubles(target);
        ToDoubleFunction<double[][]> loss = x -> {
            double sum = 0;
            for (int i = 0; i < x.length; i++) {
                for (int j = 0; j < x[i].length; j++) {
                    sum += (x[i][j] - expected[i][j]) * (x[i][j] - expected[i][j]);
                }
            }
            return sum;
        };
        assertThat(error).isCloseTo(loss.applyAsDouble(doubles(output)), within(1e-9));
        assertGradient(gradient, output, x -> 0.75 * loss.applyAsDouble(x));
    }

    @Test
    void divergences() {
        HostMatrix reference = gaussian(30, 4, 11);
        HostMatrix candidate = gaussian(31, 4, 11);
        HostMatrix gradient = gaussian(32, 4, 11);
        double divergence = GRADIENTS.divergence(reference, candidate, 0.75f, gradient);
        double[][] p = softmax(doubles(reference));
        ToDoubleFunction<double[][]> loss = x -> {
            double[][] q = softmax(x);
            double sum = 0;
            for (int i = 0; i < q.length; i++) {
                for (int j = 0; j < q[i].length; j++) {
                    sum += p[i][j] * Math.log(p[i][j] / q[i][j]);
                }
            }
            return sum;
        };
        assertThat(divergence).isCloseTo(loss.applyAsDouble(doubles(candidate)), within(1e-9));
        assertGradient(gradient, candidate, x -> 0.75 * loss.applyAsDouble(x));
    }

    private static double[][] softmax(double[][] logits) {
        double[][] result = new double[logits.length][logits[0].length];
        for (int i = 0; i < logits.length; i++) {
            double sum = 0;
            for (double logit : logits[i]) {
                sum += Math.exp(logit);
            }
            for (int j = 0; j < logits[i].length; j++) {
                result[i][j] = Math.exp(logits[i][j]) / sum;
            }
        }
        return result;
    }

    @Test
    void tables() {
        Trellis trellis = Trellis.of("hyb", 16, 2);
        int[] joined = new SplittableRandom(60).ints(6 * 16L).toArray();
        try (Workspace workspace = BACKEND.workspace()) {
            IntMatrix words = workspace.copyOf(6, 16, joined);
            HostMatrix table = gaussian(61, 64, 2);
            HostMatrix factors = gaussian(62, 32, 48);
            HostMatrix gradient = zeros(table);
            GRADIENTS.addTable(trellis, words, factors, gradient);
            assertGradient(gradient, table, t -> weighted(factors, decoded(WordPairs.words(joined), t)));
        }
    }

    /** HYB at 2 bits as docs/formats.md has it: state i of a tile is the 16 bits from 4 · i on, around its stream. */
    private static double[][] decoded(short[] words, double[][] table) {
        double[][] values = new double[32][48];
        for (int i = 0; i < 32; i++) {
            for (int j = 0; j < 48; j++) {
                int first = (i / 16 * 3 + j / 16) * 32;
                int position = (i % 16 * 16 + j % 16) / 2 * 4;
                int state = 0;
                for (int bit = position; bit < position + 16; bit++) {
                    state = 2 * state + ((words[first + bit / 16 % 32] >> (15 - bit % 16)) & 1);
                }
                int hash = state * (state + 1);
                double value = table[(hash >> (15 - 6)) & 63][j % 2];
                values[i][j] = j % 2 == 0 && ((hash >> 15) & 1) == 1 ? -value : value;
            }
        }
        return values;
    }

    /** Algorithm 1 of Kingma and Ba, as it is printed there. */
    @Test
    void adamTakesTheStepsOfThePaper() {
        HostMatrix parameter = HostMatrix.of(arena, 1, 1, 2);
        HostMatrix mean = zeros(parameter);
        HostMatrix square = zeros(parameter);
        double theta = 2;
        double m = 0;
        double v = 0;
        for (int t = 1; t <= 20; t++) {
            double g = Math.sin(t) + 0.5;
            HostMatrix gradient = HostMatrix.of(arena, 1, 1, (float) g);
            GRADIENTS.adam(new AdamStep(0.01f, 0.75f, 0.875f, 0.001f, t), parameter, gradient, mean, square);
            m = 0.75 * m + 0.25 * g;
            v = 0.875 * v + 0.125 * g * g;
            theta -= 0.01 * (m / (1 - Math.pow(0.75, t))) / (Math.sqrt(v / (1 - Math.pow(0.875, t))) + 0.001);
            assertThat((double) parameter.get(0, 0)).isCloseTo(theta, within(2e-6));
            assertThat(gradient.get(0, 0)).isZero();
        }
    }

    /** Demands Σ (gradient − difference)² below {@link #LIMIT}² · Σ difference². */
    private static void assertGradient(Matrix gradient, HostMatrix at, ToDoubleFunction<double[][]> loss) {
        double[][] x = doubles(at);
        double error = 0;
        double energy = 0;
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < x[i].length; j++) {
                double value = x[i][j];
                x[i][j] = value + STEP;
                double above = loss.applyAsDouble(x);
                x[i][j] = value - STEP;
                double below = loss.applyAsDouble(x);
                x[i][j] = value;
                double slope = (above - below) / (2 * STEP);
                double actual = HostMatrix.require(gradient).get(i, j);
                error += (actual - slope) * (actual - slope);
                energy += slope * slope;
            }
        }
        assertThat(Math.sqrt(error / energy)).isLessThan(LIMIT);
    }

    private static double weighted(HostMatrix factors, double[][] output) {
        double sum = 0;
        for (int i = 0; i < output.length; i++) {
            for (int j = 0; j < output[i].length; j++) {
                sum += factors.get(i, j) * output[i][j];
            }
        }
        return sum;
    }

    private static double[][] product(double[][] x, double[][] weight) {
        double[][] result = new double[x.length][weight.length];
        for (int i = 0; i < x.length; i++) {
            for (int n = 0; n < weight.length; n++) {
                for (int j = 0; j < x[i].length; j++) {
                    result[i][n] += x[i][j] * weight[n][j];
                }
            }
        }
        return result;
    }

    private static double[][] doubles(HostMatrix matrix) {
        double[][] values = new double[matrix.rows()][matrix.columns()];
        for (int i = 0; i < matrix.rows(); i++) {
            for (int j = 0; j < matrix.columns(); j++) {
                values[i][j] = matrix.get(i, j);
            }
        }
        return values;
    }

    private HostMatrix zeros(HostMatrix model) {
        return HostMatrix.allocate(arena, model.rows(), model.columns());
    }

    private HostMatrix gaussian(long seed, int rows, int columns) {
        SplittableRandom random = new SplittableRandom(seed);
        HostMatrix matrix = HostMatrix.allocate(arena, rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                matrix.set(i, j, (float) random.nextGaussian());
            }
        }
        return matrix;
    }
}
