package dev.quipforge.engine.compute.scalar;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.TransformerOps;
import dev.quipforge.engine.compute.TransformerShapes;
import dev.quipforge.engine.compute.host.HostCopies;

/** The definition of {@link TransformerOps}. */
final class ScalarTransformerOps implements TransformerOps {

    @Override
    public void embed(Matrix table, IntMatrix tokens, Matrix output) {
        Shapes.require("output", output, tokens.columns(), table.columns());
        HostIntMatrix ids = HostIntMatrix.require(tokens);
        for (int i = 0; i < ids.columns(); i++) {
            int id = TransformerShapes.requireToken(ids.get(0, i), table.rows());
            HostCopies.copy(
                    HostMatrix.require(table).rows(id, id + 1),
                    HostMatrix.require(output).rows(i, i + 1));
        }
    }

    @Override
    public void rmsNorm(Matrix input, Matrix weight, float epsilon, Matrix output) {
        Shapes.require("weight", weight, 1, input.columns());
        Shapes.requireSame("output", output, input);
        HostMatrix from = HostMatrix.require(input);
        HostMatrix to = HostMatrix.require(output);
        HostMatrix factors = HostMatrix.require(weight);
        for (int i = 0; i < from.rows(); i++) {
            double squares = 0;
            for (int j = 0; j < from.columns(); j++) {
                squares += (double) from.get(i, j) * from.get(i, j);
            }
            double norm = 1 / Math.sqrt(squares / from.columns() + epsilon);
            for (int j = 0; j < from.columns(); j++) {
                to.set(i, j, (float) (from.get(i, j) * norm * factors.get(0, j)));
            }
        }
    }

    @Override
    public void rotate(Matrix heads, int headWidth, Matrix frequencies, int window, int firstPosition) {
        TransformerShapes.requireRotation(heads, headWidth, frequencies, window, firstPosition);
        HostMatrix rows = HostMatrix.require(heads);
        HostMatrix inverse = HostMatrix.require(frequencies);
        int half = headWidth / 2;
        for (int r = 0; r < rows.rows(); r++) {
            int position = firstPosition + r % window;
            for (int first = 0; first < rows.columns(); first += headWidth) {
                for (int i = 0; i < half; i++) {
                    double angle = (double) position * inverse.get(0, i);
                    double low = rows.get(r, first + i);
                    double high = rows.get(r, first + half + i);
                    rows.set(r, first + i, (float) (low * Math.cos(angle) - high * Math.sin(angle)));
                    rows.set(r, first + half + i, (float) (high * Math.cos(angle) + low * Math.sin(angle)));
                }
            }
        }
    }

    @Override
    public void causalAttention(
            AttentionGeometry geometry, Matrix query, Matrix key, Matrix value, int windows, Matrix output) {
        TransformerShapes.requireAttention(geometry, query, key, value, windows, output);
        int queries = query.rows() / windows;
        int keys = key.rows() / windows;
        int shared = geometry.heads() / geometry.keyValueHeads();
        for (int window = 0; window < windows; window++) {
            for (int head = 0; head < geometry.heads(); head++) {
                HostMatrix q = head(query, window, queries, head, geometry);
                HostMatrix k = head(key, window, keys, head / shared, geometry);
                HostMatrix v = head(value, window, keys, head / shared, geometry);
                HostMatrix o = head(output, window, queries, head, geometry);
                for (int i = 0; i < queries; i++) {
                    attend(q.rows(i, i + 1), k, v, keys - queries + i + 1, geometry.scale(), o.rows(i, i + 1));
                }
            }
        }
    }

    private static HostMatrix head(Matrix matrix, int window, int length, int head, AttentionGeometry geometry) {
        int width = geometry.headWidth();
        return HostMatrix.require(matrix)
                .rows(window * length, (window + 1) * length)
                .columns(head * width, (head + 1) * width);
    }

    private static void attend(
            HostMatrix query, HostMatrix keys, HostMatrix values, int visible, float scale, HostMatrix output) {
        double[] weights = new double[visible];
        double largest = Double.NEGATIVE_INFINITY;
        for (int t = 0; t < visible; t++) {
            double score = 0;
            for (int i = 0; i < query.columns(); i++) {
                score += (double) query.get(0, i) * keys.get(t, i);
            }
            weights[t] = score * scale;
            largest = Math.max(largest, weights[t]);
        }
        double sum = 0;
        for (int t = 0; t < visible; t++) {
            weights[t] = Math.exp(weights[t] - largest);
            sum += weights[t];
        }
        for (int i = 0; i < output.columns(); i++) {
            double mean = 0;
            for (int t = 0; t < visible; t++) {
                mean += weights[t] * values.get(t, i);
            }
            output.set(0, i, (float) (mean / sum));
        }
    }

    @Override
    public void swiGlu(Matrix gate, Matrix up) {
        Shapes.requireSame("up", up, gate);
        HostMatrix gates = HostMatrix.require(gate);
        HostMatrix ups = HostMatrix.require(up);
        for (int i = 0; i < gates.rows(); i++) {
            for (int j = 0; j < gates.columns(); j++) {
                double x = gates.get(i, j);
                gates.set(i, j, (float) (x / (1 + Math.exp(-x)) * ups.get(i, j)));
            }
        }
    }

    @Override
    public double[] logProbabilities(Matrix logits, IntMatrix targets) {
        Shapes.require("targets", targets, 1, logits.rows());
        HostMatrix rows = HostMatrix.require(logits);
        HostIntMatrix ids = HostIntMatrix.require(targets);
        double[] result = new double[rows.rows()];
        for (int i = 0; i < result.length; i++) {
            int id = TransformerShapes.requireToken(ids.get(0, i), rows.columns());
            result[i] = rows.get(i, id) - logSumExp(rows, i);
        }
        return result;
    }

    @Override
    public double[] divergence(Matrix reference, Matrix candidate) {
        Shapes.requireSame("candidate", candidate, reference);
        HostMatrix p = HostMatrix.require(reference);
        HostMatrix q = HostMatrix.require(candidate);
        double[] result = new double[p.rows()];
        for (int i = 0; i < result.length; i++) {
            double pTotal = logSumExp(p, i);
            double qTotal = logSumExp(q, i);
            for (int j = 0; j < p.columns(); j++) {
                double logP = p.get(i, j) - pTotal;
                result[i] += Math.exp(logP) * (logP - (q.get(i, j) - qTotal));
            }
        }
        return result;
    }

    /** log Σ_j e^{matrix[row, j]}. */
    static double logSumExp(HostMatrix matrix, int row) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < matrix.columns(); j++) {
            largest = Math.max(largest, matrix.get(row, j));
        }
        double sum = 0;
        for (int j = 0; j < matrix.columns(); j++) {
            sum += Math.exp(matrix.get(row, j) - largest);
        }
        return largest + Math.log(sum);
    }

    @Override
    public int[] argmaxRows(Matrix matrix) {
        HostMatrix rows = HostMatrix.require(matrix);
        int[] result = new int[rows.rows()];
        for (int i = 0; i < result.length; i++) {
            for (int j = 1; j < rows.columns(); j++) {
                if (rows.get(i, j) > rows.get(i, result[i])) {
                    result[i] = j;
                }
            }
        }
        return result;
    }
}
