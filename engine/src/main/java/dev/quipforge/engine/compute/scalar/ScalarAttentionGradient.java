package dev.quipforge.engine.compute.scalar;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import org.jspecify.annotations.Nullable;

/**
 * The backward form of attention. With scores s of the keys that a query sees, weights p of these and P of the sink, output
 * o = Σ p v and the gradient do of the output:
 *
 * <pre>
 * dv[t] = Σ p[t] do
 * ds[t] = p[t] (do·v[t] − Σ_u p[u] do·v[u])
 * dr[t] = ds[t] (1 − (s[t] / cap)²), or ds[t] without a cap
 * dq    = scale Σ_t dr[t] k[t]
 * dk[t] = scale Σ dr[t] q
 * dsink = −Σ P Σ_u p[u] do·v[u]
 * </pre>
 *
 * Sums without a subscript run over all queries that may see key t, of all heads that share it; that of the sink over all
 * queries of its head.
 */
final class ScalarAttentionGradient {

    private final ScalarAttention attention;
    private final AttentionGeometry geometry;
    private final double[] sinkGradient;

    ScalarAttentionGradient(ScalarAttention attention) {
        this.attention = attention;
        this.geometry = attention.geometry();
        this.sinkGradient = new double[geometry.heads()];
    }

    /** Writes the gradients of all heads of all windows; adds those of sinks. */
    void backward(Matrix outputGradient, AttentionInputs gradients) {
        for (int window = 0; window < attention.windows(); window++) {
            for (int group = 0; group < geometry.keyValueHeads(); group++) {
                group(window, group, outputGradient, gradients);
            }
        }
        addSinks(gradients.sinks());
    }

    private void addSinks(@Nullable Matrix sinks) {
        if (sinks != null) {
            HostMatrix target = HostMatrix.require(sinks);
            for (int head = 0; head < sinkGradient.length; head++) {
                target.set(0, head, (float) (target.get(0, head) + sinkGradient[head]));
            }
        }
    }

    /** The query heads that share a head of keys and values. */
    private void group(int window, int group, Matrix outputGradient, AttentionInputs gradients) {
        int width = geometry.headWidth();
        int valueWidth = geometry.valueWidth();
        HostMatrix keyGradient = attention.part(gradients.key(), window, group, width);
        HostMatrix valueGradient = attention.part(gradients.value(), window, group, valueWidth);
        Sums sums = new Sums(keyGradient.rows(), geometry);
        for (int head = group * geometry.sharing(); head < (group + 1) * geometry.sharing(); head++) {
            ScalarSight sight = attention.sight(window, head);
            HostMatrix queries = attention.part(attention.inputs().query(), window, head, width);
            HostMatrix slopes = attention.part(outputGradient, window, head, valueWidth);
            HostMatrix queryGradient = attention.part(gradients.query(), window, head, width);
            for (int i = 0; i < queries.rows(); i++) {
                HostMatrix query = queries.rows(i, i + 1);
                HostMatrix slope = slopes.rows(i, i + 1);
                ScalarSight.Seen seen = sight.of(query, i);
                double[] scoreGradient = scoreGradient(sight, seen, slope, head);
                sums.addValues(seen, slope);
                sums.addKeys(seen, scoreGradient, query);
                queryGradient(seen, scoreGradient, sight.keys(), queryGradient.rows(i, i + 1));
            }
        }
        write(sums.keys, keyGradient);
        write(sums.values, valueGradient);
    }

    /** scale · dr; adds what the query gives for the sink. */
    private double[] scoreGradient(ScalarSight sight, ScalarSight.Seen seen, HostMatrix slope, int head) {
        double[] gradient = new double[seen.count()];
        double mean = 0;
        for (int t = 0; t < gradient.length; t++) {
            gradient[t] = ScalarSight.dot(slope, sight.values(), seen.first() + t);
            mean += seen.weight(t) * gradient[t];
        }
        for (int t = 0; t < gradient.length; t++) {
            double weight = seen.weight(t);
            gradient[t] = geometry.scale() * weight * (gradient[t] - mean) * sight.slope(seen.score(t));
        }
        sinkGradient[head] -= seen.sinkWeight() * mean;
        return gradient;
    }

    private static void queryGradient(
            ScalarSight.Seen seen, double[] scoreGradient, HostMatrix keys, HostMatrix queryGradient) {
        for (int c = 0; c < keys.columns(); c++) {
            double sum = 0;
            for (int t = 0; t < scoreGradient.length; t++) {
                sum += scoreGradient[t] * keys.get(seen.first() + t, c);
            }
            queryGradient.set(0, c, (float) sum);
        }
    }

    private static void write(double[][] sums, HostMatrix target) {
        for (int t = 0; t < target.rows(); t++) {
            for (int c = 0; c < target.columns(); c++) {
                target.set(t, c, (float) sums[t][c]);
            }
        }
    }

    /** Gradients of the keys and values of one head of one window. */
    private static final class Sums {

        private final double[][] keys;
        private final double[][] values;

        Sums(int tokens, AttentionGeometry geometry) {
            this.keys = new double[tokens][geometry.headWidth()];
            this.values = new double[tokens][geometry.valueWidth()];
        }

        void addKeys(ScalarSight.Seen seen, double[] scoreGradient, HostMatrix query) {
            for (int t = 0; t < scoreGradient.length; t++) {
                for (int c = 0; c < query.columns(); c++) {
                    keys[seen.first() + t][c] += scoreGradient[t] * query.get(0, c);
                }
            }
        }

        void addValues(ScalarSight.Seen seen, HostMatrix slope) {
            for (int t = 0; t < seen.count(); t++) {
                for (int c = 0; c < slope.columns(); c++) {
                    values[seen.first() + t][c] += seen.weight(t) * slope.get(0, c);
                }
            }
        }
    }
}
