package dev.quipforge.engine.compute.vector.transformer;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

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
import dev.quipforge.engine.compute.vector.attention.CausalAttention;
import dev.quipforge.engine.compute.vector.attention.Rotation;
import dev.quipforge.engine.compute.vector.dense.Products;
import dev.quipforge.engine.compute.vector.lanes.Buffers;
import dev.quipforge.engine.compute.vector.lanes.RowKernels;
import dev.quipforge.engine.compute.vector.lanes.SoftmaxKernels;
import dev.quipforge.engine.compute.vector.lanes.Workers;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/** {@link TransformerOps} on all cores: attention by tiles, the rest by spans of rows. */
public final class VectorTransformerOps implements TransformerOps {

    private final Workers workers;
    private final Products products;
    private final Buffers buffers;

    /**
     * @param workers stay the caller's to close
     * @param products multiplies panels and tiles
     * @param buffers lend the memory of tiles; they stay the caller's to close
     */
    public VectorTransformerOps(Workers workers, Products products, Buffers buffers) {
        this.workers = workers;
        this.products = products;
        this.buffers = buffers;
    }

    @Override
    public void embed(Matrix table, IntMatrix tokens, Matrix output) {
        Shapes.require("output", output, tokens.columns(), table.columns());
        HostMatrix from = HostMatrix.require(table);
        HostIntMatrix ids = HostIntMatrix.require(tokens);
        eachRow(HostMatrix.require(output), (row, i) -> {
            int id = TransformerShapes.requireToken(ids.get(0, i), from.rows());
            row.copyFrom(from.row(id));
        });
    }

    @Override
    public void rmsNorm(Matrix input, Matrix weight, float epsilon, Matrix output) {
        Shapes.require("weight", weight, 1, input.columns());
        Shapes.requireSame("output", output, input);
        HostMatrix from = HostMatrix.require(input);
        MemorySegment factors = HostMatrix.require(weight).row(0);
        int width = input.columns();
        eachRow(HostMatrix.require(output), (row, i) -> {
            MemorySegment source = from.row(i);
            double squares = RowKernels.innerProduct(source, source, width);
            float norm = (float) (1 / Math.sqrt(squares / width + epsilon));
            row.copyFrom(source);
            RowKernels.scale(row, norm, width);
            RowKernels.multiply(row, factors, width);
        });
    }

    @Override
    public void rotate(Matrix heads, RotaryGeometry geometry, Matrix frequencies, int window, int firstPosition) {
        TransformerShapes.requireRotation(heads, geometry, frequencies, window, firstPosition);
        int count = Math.min(window, heads.rows());
        int[] positions = IntStream.range(firstPosition, firstPosition + count).toArray();
        HostMatrix inverse = HostMatrix.require(frequencies);
        new Rotation(geometry, inverse, Rotation.Direction.FORWARD, positions).run(workers, HostMatrix.require(heads));
    }

    @Override
    public void causalAttention(AttentionGeometry geometry, AttentionInputs inputs, int windows, Matrix output) {
        TransformerShapes.requireAttention(geometry, inputs, windows, output);
        new CausalAttention(geometry, inputs, windows, HostMatrix.require(output)).run(workers, products, buffers);
    }

    @Override
    public void gate(GatedActivation activation, Matrix gate, Matrix up) {
        Shapes.requireSame("up", up, gate);
        HostMatrix ups = HostMatrix.require(up);
        eachRow(HostMatrix.require(gate), (row, i) -> GateKernels.gate(activation, row, ups.row(i), gate.columns()));
    }

    @Override
    public void softCap(Matrix matrix, float cap) {
        TransformerShapes.requireCap(cap);
        eachRow(HostMatrix.require(matrix), (row, _) -> SoftmaxKernels.cap(row, matrix.columns(), 1, cap));
    }

    @Override
    public void addRows(Matrix source, IntMatrix rows, Matrix weights, Matrix target) {
        TransformerShapes.requireAddition(source, rows, weights, target);
        HostMatrix to = HostMatrix.require(target);
        HostIntMatrix indices = HostIntMatrix.require(rows);
        HostMatrix factors = HostMatrix.require(weights);
        eachRow(HostMatrix.require(source), (row, i) -> {
            int at = TransformerShapes.requireRow(indices.get(0, i), to.rows());
            RowKernels.addScaled(factors.get(0, i), row, to.row(at), source.columns());
        });
    }

    @Override
    public double[] logProbabilities(Matrix logits, IntMatrix targets) {
        Shapes.require("targets", targets, 1, logits.rows());
        HostIntMatrix ids = HostIntMatrix.require(targets);
        double[] result = new double[logits.rows()];
        eachRow(HostMatrix.require(logits), (row, i) -> {
            int id = TransformerShapes.requireToken(ids.get(0, i), logits.columns());
            result[i] = row.getAtIndex(JAVA_FLOAT, id) - SoftmaxKernels.logSumExp(row, logits.columns());
        });
        return result;
    }

    @Override
    public double[] divergence(Matrix reference, Matrix candidate) {
        Shapes.requireSame("candidate", candidate, reference);
        HostMatrix q = HostMatrix.require(candidate);
        double[] result = new double[reference.rows()];
        eachRow(
                HostMatrix.require(reference),
                (row, i) -> result[i] = SoftmaxKernels.divergence(row, q.row(i), reference.columns()));
        return result;
    }

    @Override
    public int[] argmaxRows(Matrix matrix) {
        int[] result = new int[matrix.rows()];
        eachRow(HostMatrix.require(matrix), (row, i) -> {
            float largest = SoftmaxKernels.largest(row, matrix.columns());
            int at = 0;
            while (at < matrix.columns() - 1 && row.getAtIndex(JAVA_FLOAT, at) != largest) {
                at++;
            }
            result[i] = at;
        });
        return result;
    }

    private interface RowBody {
        void run(MemorySegment row, int index);
    }

    private void eachRow(HostMatrix matrix, RowBody body) {
        workers.rows(matrix.rows(), matrix.columns(), (first, end) -> {
            for (int i = first; i < end; i++) {
                body.run(matrix.row(i), i);
            }
        });
    }
}
