package dev.quipforge.engine.compute.scalar;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.GradientOps.AttentionGradients;
import dev.quipforge.engine.compute.HostMatrix;

/**
 * The backward form of attention for one key and value head of one window. With weights p = softmax(scale · q·k), output
 * o = Σ p v and the gradient do of the output:
 *
 * <pre>
 * dv[t] = Σ p[t] do
 * ds[t] = p[t] (do·v[t] − Σ_u p[u] do·v[u])
 * dq    = scale Σ_t ds[t] k[t]
 * dk[t] = scale Σ ds[t] q
 * </pre>
 *
 * Sums without a subscript run over all queries of all heads that share the keys and may see key t.
 */
final class ScalarAttentionGradient {

    private final HostMatrix keys;
    private final HostMatrix values;
    private final float scale;
    private final double[][] keyGradient;
    private final double[][] valueGradient;

    ScalarAttentionGradient(HostMatrix keys, HostMatrix values, AttentionGeometry geometry) {
        this.keys = keys;
        this.values = values;
        this.scale = geometry.scale();
        this.keyGradient = new double[keys.rows()][keys.columns()];
        this.valueGradient = new double[values.rows()][values.columns()];
    }

    /** Adds what one head of queries contributes; writes the gradient of these queries. */
    void add(HostMatrix queries, HostMatrix outputGradient, HostMatrix queryGradient) {
        for (int i = 0; i < queries.rows(); i++) {
            HostMatrix query = queries.rows(i, i + 1);
            HostMatrix gradient = outputGradient.rows(i, i + 1);
            double[] weights = weights(query, i + 1);
            addValues(weights, gradient);
            addScores(scoreGradient(weights, gradient), query, queryGradient.rows(i, i + 1));
        }
    }

    /** Writes the gradients of keys and values. */
    void write(HostMatrix key, HostMatrix value) {
        for (int t = 0; t < key.rows(); t++) {
            for (int c = 0; c < key.columns(); c++) {
                key.set(t, c, (float) keyGradient[t][c]);
                value.set(t, c, (float) valueGradient[t][c]);
            }
        }
    }

    private double[] weights(HostMatrix query, int visible) {
        double[] weights = new double[visible];
        double largest = Double.NEGATIVE_INFINITY;
        for (int t = 0; t < visible; t++) {
            weights[t] = scale * dot(query, keys, t);
            largest = Math.max(largest, weights[t]);
        }
        double sum = 0;
        for (int t = 0; t < visible; t++) {
            weights[t] = Math.exp(weights[t] - largest);
            sum += weights[t];
        }
        for (int t = 0; t < visible; t++) {
            weights[t] /= sum;
        }
        return weights;
    }

    private void addValues(double[] weights, HostMatrix outputGradient) {
        for (int t = 0; t < weights.length; t++) {
            for (int c = 0; c < outputGradient.columns(); c++) {
                valueGradient[t][c] += weights[t] * outputGradient.get(0, c);
            }
        }
    }

    private double[] scoreGradient(double[] weights, HostMatrix outputGradient) {
        double[] gradient = new double[weights.length];
        double mean = 0;
        for (int t = 0; t < weights.length; t++) {
            gradient[t] = dot(outputGradient, values, t);
            mean += weights[t] * gradient[t];
        }
        for (int t = 0; t < weights.length; t++) {
            gradient[t] = weights[t] * (gradient[t] - mean);
        }
        return gradient;
    }

    private void addScores(double[] scoreGradient, HostMatrix query, HostMatrix queryGradient) {
        for (int c = 0; c < query.columns(); c++) {
            double sum = 0;
            for (int t = 0; t < scoreGradient.length; t++) {
                sum += scoreGradient[t] * keys.get(t, c);
                keyGradient[t][c] += scale * scoreGradient[t] * query.get(0, c);
            }
            queryGradient.set(0, c, (float) (scale * sum));
        }
    }

    private static double dot(HostMatrix row, HostMatrix matrix, int t) {
        double sum = 0;
        for (int c = 0; c < row.columns(); c++) {
            sum += (double) row.get(0, c) * matrix.get(t, c);
        }
        return sum;
    }

    /** All heads of all windows. */
    record Attention(
            AttentionGeometry geometry,
            HostMatrix query,
            HostMatrix key,
            HostMatrix value,
            int windows,
            HostMatrix outputGradient) {

        void backward(AttentionGradients gradients) {
            HostMatrix queryGradient = HostMatrix.require(gradients.query());
            HostMatrix keyGradient = HostMatrix.require(gradients.key());
            HostMatrix valueGradient = HostMatrix.require(gradients.value());
            int shared = geometry.heads() / geometry.keyValueHeads();
            for (int window = 0; window < windows; window++) {
                for (int group = 0; group < geometry.keyValueHeads(); group++) {
                    ScalarAttentionGradient gradient =
                            new ScalarAttentionGradient(head(key, window, group), head(value, window, group), geometry);
                    for (int h = group * shared; h < (group + 1) * shared; h++) {
                        gradient.add(
                                head(query, window, h),
                                head(outputGradient, window, h),
                                head(queryGradient, window, h));
                    }
                    gradient.write(head(keyGradient, window, group), head(valueGradient, window, group));
                }
            }
        }

        private HostMatrix head(HostMatrix matrix, int window, int head) {
            int length = query.rows() / windows;
            int width = geometry.headWidth();
            return matrix.rows(window * length, (window + 1) * length).columns(head * width, (head + 1) * width);
        }
    }
}
