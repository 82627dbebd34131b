package dev.quipforge.engine.compute.scalar;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.GatedActivation;
import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.RotaryGeometry;
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
    public void rotate(Matrix heads, RotaryGeometry geometry, Matrix frequencies, int window, int firstPosition) {
        TransformerShapes.requireRotation(heads, geometry, frequencies, window, firstPosition);
        HostMatrix inverse = HostMatrix.require(frequencies);
        ScalarRotation.turn(1, HostMatrix.require(heads), geometry, inverse, row -> firstPosition + row % window);
    }

    @Override
    public void causalAttention(AttentionGeometry geometry, AttentionInputs inputs, int windows, Matrix output) {
        TransformerShapes.requireAttention(geometry, inputs, windows, output);
        new ScalarAttention(geometry, inputs, windows).forward(output);
    }

    @Override
    public void gate(GatedActivation activation, Matrix gate, Matrix up) {
        Shapes.requireSame("up", up, gate);
        HostMatrix gates = HostMatrix.require(gate);
        HostMatrix ups = HostMatrix.require(up);
        for (int i = 0; i < gates.rows(); i++) {
            for (int j = 0; j < gates.columns(); j++) {
                double value = ScalarGates.value(activation, gates.get(i, j));
                gates.set(i, j, (float) (value * ScalarGates.factor(activation, ups.get(i, j))));
            }
        }
    }

    @Override
    public void softCap(Matrix matrix, float cap) {
        TransformerShapes.requireCap(cap);
        HostMatrix values = HostMatrix.require(matrix);
        for (int i = 0; i < values.rows(); i++) {
            for (int j = 0; j < values.columns(); j++) {
                values.set(i, j, (float) (cap * Math.tanh(values.get(i, j) / (double) cap)));
            }
        }
    }

    @Override
    public void addRows(Matrix source, IntMatrix rows, Matrix weights, Matrix target) {
        TransformerShapes.requireAddition(source, rows, weights, target);
        HostMatrix from = HostMatrix.require(source);
        HostMatrix to = HostMatrix.require(target);
        HostMatrix factors = HostMatrix.require(weights);
        HostIntMatrix indices = HostIntMatrix.require(rows);
        for (int i = 0; i < from.rows(); i++) {
            int row = TransformerShapes.requireRow(indices.get(0, i), to.rows());
            for (int c = 0; c < from.columns(); c++) {
                to.set(row, c, (float) (to.get(row, c) + (double) factors.get(0, i) * from.get(i, c)));
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
