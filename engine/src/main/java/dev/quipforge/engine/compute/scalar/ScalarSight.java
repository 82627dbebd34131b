package dev.quipforge.engine.compute.scalar;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.HostMatrix;

/**
 * How the queries of one head see the keys of one window: with scores s = scale · q·k, capped to cap · tanh(s / cap) where
 * there is a cap, a key has the weight e^s / (Σ e^s + e^sink), sums over the keys that are seen.
 *
 * @param geometry scale, window and cap
 * @param keys of the head, one a row
 * @param values likewise
 * @param sink score of the sink, −∞ where there is none
 */
record ScalarSight(AttentionGeometry geometry, HostMatrix keys, HostMatrix values, double sink) {

    /** What a query sees from its position. */
    Seen of(HostMatrix query, int position) {
        int first = geometry.firstSeen(position);
        double[] scores = new double[position - first + 1];
        for (int t = 0; t < scores.length; t++) {
            scores[t] = capped(geometry.scale() * dot(query, keys, first + t));
        }
        return new Seen(first, scores, sink);
    }

    private double capped(double score) {
        float cap = geometry.cap();
        return cap > 0 ? cap * Math.tanh(score / cap) : score;
    }

    /** The derivative of the capped score with respect to the one before it, from the capped one. */
    double slope(double score) {
        float cap = geometry.cap();
        return cap > 0 ? 1 - score / cap * (score / cap) : 1;
    }

    /** The inner product of a row and row {@code t} of a matrix. */
    static double dot(HostMatrix row, HostMatrix matrix, int t) {
        double sum = 0;
        for (int c = 0; c < row.columns(); c++) {
            sum += (double) row.get(0, c) * matrix.get(t, c);
        }
        return sum;
    }

    /** What one query sees: some keys one after the other. */
    static final class Seen {

        private final int first;
        private final double[] scores;
        private final double[] powers;
        private final double sinkPower;
        private final double sum;

        private Seen(int first, double[] scores, double sink) {
            this.first = first;
            this.scores = scores;
            this.powers = new double[scores.length];
            double largest = sink;
            for (double score : scores) {
                largest = Math.max(largest, score);
            }
            this.sinkPower = Math.exp(sink - largest);
            double total = sinkPower;
            for (int t = 0; t < scores.length; t++) {
                powers[t] = Math.exp(scores[t] - largest);
                total += powers[t];
            }
            this.sum = total;
        }

        /** The first key that is seen. */
        int first() {
            return first;
        }

        /** How many keys are seen. */
        int count() {
            return scores.length;
        }

        /** The score of the key that is {@code t} after the first. */
        double score(int t) {
            return scores[t];
        }

        /** The exponential of that score, relative to that of the largest, so that none overflows. */
        double power(int t) {
            return powers[t];
        }

        /** The sum of the exponentials of all scores and of the sink. */
        double sum() {
            return sum;
        }

        /** The weight of that key. */
        double weight(int t) {
            return powers[t] / sum;
        }

        /** The weight of the sink. */
        double sinkWeight() {
            return sinkPower / sum;
        }
    }
}
