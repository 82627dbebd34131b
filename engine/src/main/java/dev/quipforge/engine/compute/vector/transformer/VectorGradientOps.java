package dev.quipforge.engine.compute.vector.transformer;

import dev.quipforge.engine.compute.AdamStep;
import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.GatedActivation;
import dev.quipforge.engine.compute.GradientOps;
import dev.quipforge.engine.compute.GradientShapes;
import dev.quipforge.engine.compute.HostIntMatrix;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.RotaryGeometry;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.TransformerShapes;
import dev.quipforge.engine.compute.host.HybridShapes;
import dev.quipforge.engine.compute.vector.attention.AttentionGradient;
import dev.quipforge.engine.compute.vector.attention.CausalAttention;
import dev.quipforge.engine.compute.vector.attention.Rotation;
import dev.quipforge.engine.compute.vector.dense.Panels;
import dev.quipforge.engine.compute.vector.dense.Products;
import dev.quipforge.engine.compute.vector.dense.Products.Operand;
import dev.quipforge.engine.compute.vector.dense.Products.Result;
import dev.quipforge.engine.compute.vector.lanes.Buffers;
import dev.quipforge.engine.compute.vector.lanes.RowKernels;
import dev.quipforge.engine.compute.vector.lanes.Workers;
import dev.quipforge.engine.compute.vector.viterbi.HybridTiles;
import dev.quipforge.engine.trellis.Trellis;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** {@link GradientOps} on all cores: products by panels, attention by heads of windows, the rest by spans of rows. */
public final class VectorGradientOps implements GradientOps {

    private final Workers workers;
    private final Products products;
    private final Buffers buffers;

    /**
     * @param workers stay the caller's to close
     * @param products multiplies panels and tiles
     * @param buffers lend the memory of tiles; they stay the caller's to close
     */
    public VectorGradientOps(Workers workers, Products products, Buffers buffers) {
        this.workers = workers;
        this.products = products;
        this.buffers = buffers;
    }

    @Override
    public void project(List<Matrix> outputGradients, List<Matrix> weights, Matrix inputGradient) {
        GradientShapes.requireProjection(outputGradients, weights, inputGradient);
        List<Operand> left = operands(outputGradients);
        List<Operand> right = operands(weights);
        Panels.of(HostMatrix.require(inputGradient)).each(workers, panel -> {
            for (int i = 0; i < left.size(); i++) {
                panel.multiply(products, 1, left.get(i), right.get(i), i == 0 ? Result.REPLACED : Result.ADDED_TO);
            }
        });
    }

    private static List<Operand> operands(List<Matrix> matrices) {
        return matrices.stream()
                .map(matrix -> Operand.plain(HostMatrix.require(matrix)))
                .toList();
    }

    @Override
    public void addWeight(Matrix outputGradient, Matrix input, Matrix weightGradient) {
        GradientShapes.requireWeight(outputGradient, input, weightGradient);
        new WeightGradient(
                        HostMatrix.require(outputGradient),
                        HostMatrix.require(input),
                        HostMatrix.require(weightGradient))
                .add(workers, products, buffers);
    }

    @Override
    public void addColumnProducts(Matrix a, Matrix b, Matrix sums) {
        GradientShapes.requireColumnProducts(a, b, sums);
        HostMatrix left = HostMatrix.require(a);
        HostMatrix right = HostMatrix.require(b);
        ColumnSums columns = new ColumnSums(a.rows(), a.columns());
        columns.collect(workers, () -> (i, totals) -> GradientKernels.addProducts(left.row(i), right.row(i), totals));
        columns.addTo(HostMatrix.require(sums).row(0));
    }

    @Override
    public void addColumnSums(Matrix gradient, Matrix sums) {
        Shapes.require("sums", sums, 1, gradient.columns());
        HostMatrix from = HostMatrix.require(gradient);
        ColumnSums columns = new ColumnSums(from.rows(), from.columns());
        columns.collect(workers, () -> (i, totals) -> GradientKernels.addRow(from.row(i), totals));
        columns.addTo(HostMatrix.require(sums).row(0));
    }

    @Override
    public void rmsNorm(
            Matrix input,
            Matrix weight,
            float epsilon,
            Matrix outputGradient,
            Matrix inputGradient,
            Matrix weightGradient) {
        GradientShapes.requireNorm(input, weight, outputGradient, inputGradient, weightGradient);
        HostMatrix inputs = HostMatrix.require(input);
        HostMatrix gradients = HostMatrix.require(outputGradient);
        HostMatrix results = HostMatrix.require(inputGradient);
        ColumnSums columns = new ColumnSums(input.rows(), input.columns());
        columns.collect(workers, () -> {
            NormGradient norm = new NormGradient(HostMatrix.require(weight).row(0), epsilon);
            return (i, sums) -> norm.row(inputs.row(i), gradients.row(i), results.row(i), sums);
        });
        columns.addTo(HostMatrix.require(weightGradient).row(0));
    }

    @Override
    public void rotate(Matrix gradient, RotaryGeometry geometry, Matrix frequencies, int window, int firstPosition) {
        TransformerShapes.requireRotation(gradient, geometry, frequencies, window, firstPosition);
        int count = Math.min(window, gradient.rows());
        int[] positions = IntStream.range(firstPosition, firstPosition + count).toArray();
        HostMatrix inverse = HostMatrix.require(frequencies);
        new Rotation(geometry, inverse, Rotation.Direction.BACK, positions).run(workers, HostMatrix.require(gradient));
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
        CausalAttention forward = new CausalAttention(geometry, inputs, windows, HostMatrix.require(output));
        new AttentionGradient(forward, HostMatrix.require(outputGradient), gradients).run(workers, products, buffers);
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
        HostMatrix gateResults = HostMatrix.require(gateGradient);
        HostMatrix upResults = HostMatrix.require(upGradient);
        eachRow(
                gates,
                i -> new GateGradient(
                                gates.row(i),
                                ups.row(i),
                                gradients.row(i),
                                gateResults.row(i),
                                upResults.row(i),
                                gates.columns())
                        .run(activation));
    }

    @Override
    public void softCap(Matrix output, float cap, Matrix gradient) {
        GradientShapes.requireCap(output, cap, gradient);
        HostMatrix capped = HostMatrix.require(output);
        HostMatrix results = HostMatrix.require(gradient);
        eachRow(capped, i -> GradientKernels.softCap(capped.row(i), cap, results.row(i), capped.columns()));
    }

    @Override
    public void rowProducts(Matrix a, Matrix b, Matrix products) {
        GradientShapes.requireRowProducts(a, b, products);
        HostMatrix left = HostMatrix.require(a);
        HostMatrix right = HostMatrix.require(b);
        HostMatrix results = HostMatrix.require(products);
        eachRow(left, i -> {
            double product = RowKernels.innerProduct(left.row(i), right.row(i), left.columns());
            results.set(0, i, (float) product);
        });
    }

    @Override
    public double squaredError(Matrix output, Matrix target, float factor, Matrix gradient) {
        GradientShapes.requireError(output, target, gradient);
        HostMatrix actual = HostMatrix.require(output);
        HostMatrix expected = HostMatrix.require(target);
        HostMatrix results = HostMatrix.require(gradient);
        double[] sums = new double[actual.rows()];
        eachRow(
                actual,
                i -> sums[i] = GradientKernels.squaredError(
                        actual.row(i), expected.row(i), 2 * factor, results.row(i), actual.columns()));
        return Arrays.stream(sums).sum();
    }

    @Override
    public double divergence(Matrix reference, Matrix candidate, float factor, Matrix gradient) {
        GradientShapes.requireDivergence(reference, candidate, gradient);
        HostMatrix p = HostMatrix.require(reference);
        HostMatrix q = HostMatrix.require(candidate);
        HostMatrix results = HostMatrix.require(gradient);
        double[] sums = new double[p.rows()];
        eachRow(p, i -> sums[i] = DivergenceKernel.run(p.row(i), q.row(i), factor, results.row(i), p.columns()));
        return Arrays.stream(sums).sum();
    }

    @Override
    public void addTable(Trellis trellis, IntMatrix words, Matrix gradient, Matrix tableGradient) {
        HybridShapes.require(trellis, words, tableGradient, gradient);
        new HybridTiles(
                        trellis,
                        HostIntMatrix.require(words),
                        HostMatrix.require(tableGradient),
                        HostMatrix.require(gradient))
                .addToTable(workers);
    }

    @Override
    public void adam(AdamStep step, Matrix parameter, Matrix gradient, Matrix mean, Matrix square) {
        GradientShapes.requireAdam(parameter, gradient, mean, square);
        HostMatrix values = HostMatrix.require(parameter);
        HostMatrix gradients = HostMatrix.require(gradient);
        HostMatrix means = HostMatrix.require(mean);
        HostMatrix squares = HostMatrix.require(square);
        workers.rows(values.rows(), values.columns(), (first, end) -> {
            AdamKernel kernel = new AdamKernel(step, values.columns());
            for (int i = first; i < end; i++) {
                kernel.row(values.row(i), gradients.row(i), means.row(i), squares.row(i), values.columns());
            }
        });
    }

    private interface RowBody {
        void run(int index);
    }

    private void eachRow(HostMatrix matrix, RowBody body) {
        workers.rows(matrix.rows(), matrix.columns(), (first, end) -> {
            for (int i = first; i < end; i++) {
                body.run(i);
            }
        });
    }
}
