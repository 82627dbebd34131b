package dev.quipforge.cuda.ops;

import dev.quipforge.cuda.driver.CudaDevice;
import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Kernels;
import dev.quipforge.cuda.driver.Launch;
import dev.quipforge.cuda.driver.Scratch;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.cuda.library.Cublas;
import dev.quipforge.cuda.library.TensorProducts;
import dev.quipforge.engine.compute.AdamStep;
import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.GatedActivation;
import dev.quipforge.engine.compute.GradientOps;
import dev.quipforge.engine.compute.GradientShapes;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.RotaryGeometry;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.host.HybridShapes;
import dev.quipforge.engine.trellis.Trellis;
import java.util.List;

/** {@link GradientOps} on a device: products in bf16 where the forward form takes them so, all sums in a fixed order. */
public final class CudaGradientOps implements GradientOps {

    /** Rows of a part of a sum over rows. */
    private static final int PART = 32;

    private static final int MOST_PARTS = 1024;
    private static final int MOST_BLOCKS = 1 << 20;
    private static final int BLOCKS_PER_MULTIPROCESSOR = 4;

    private final CudaDevice device;
    private final Kernels kernels;
    private final Cublas cublas;
    private final TensorProducts tensors;
    private final DeviceMemory memory;
    private final Transfers transfers;

    /**
     * Everything handed in stays the caller's to close.
     *
     * @param device the GPU
     * @param kernels our kernels on it
     * @param cublas multiplies
     * @param memory lends scratch memory
     * @param transfers copies
     */
    public CudaGradientOps(
            CudaDevice device, Kernels kernels, Cublas cublas, DeviceMemory memory, Transfers transfers) {
        this.device = device;
        this.kernels = kernels;
        this.cublas = cublas;
        this.tensors = new TensorProducts(kernels, cublas, memory);
        this.memory = memory;
        this.transfers = transfers;
    }

    @Override
    public void project(List<Matrix> outputGradients, List<Matrix> weights, Matrix inputGradient) {
        GradientShapes.requireProjection(outputGradients, weights, inputGradient);
        DeviceMatrix result = DeviceMatrix.require(inputGradient);
        for (int i = 0; i < weights.size(); i++) {
            DeviceMatrix slope = DeviceMatrix.require(outputGradients.get(i));
            DeviceMatrix weight = DeviceMatrix.require(weights.get(i));
            float beta = i == 0 ? 0 : 1;
            if (inHalves(result.rows(), slope.columns(), weight.columns())) {
                tensors.multiply(slope, weight, beta, result);
            } else {
                cublas.multiply(1, slope, weight, false, beta, result);
            }
        }
    }

    @Override
    public void addWeight(Matrix outputGradient, Matrix input, Matrix weightGradient) {
        GradientShapes.requireWeight(outputGradient, input, weightGradient);
        DeviceMatrix slope = DeviceMatrix.require(outputGradient);
        DeviceMatrix from = DeviceMatrix.require(input);
        DeviceMatrix result = DeviceMatrix.require(weightGradient);
        if (inHalves(from.rows(), slope.columns(), from.columns())) {
            tensors.multiplyByTransposed(slope, from, result);
        } else {
            cublas.multiplyByTransposed(slope, from, result);
        }
    }

    private static boolean inHalves(int tokens, int outputs, int inputs) {
        return tokens >= TensorProducts.LEAST_TOKENS && TensorProducts.fits(outputs) && TensorProducts.fits(inputs);
    }

    @Override
    public void addColumnProducts(Matrix a, Matrix b, Matrix sums) {
        GradientShapes.requireColumnProducts(a, b, sums);
        DeviceMatrix left = DeviceMatrix.require(a);
        DeviceMatrix right = DeviceMatrix.require(b);
        if (left.size() == 0) {
            return;
        }
        addParts(
                left,
                DeviceMatrix.require(sums),
                (launch, rows) -> kernels.launch(
                        "column_products", "products", launch, (long) left.rows(), left.columns(), left, right, rows));
    }

    @Override
    public void addColumnSums(Matrix gradient, Matrix sums) {
        Shapes.require("sums", sums, 1, gradient.columns());
        DeviceMatrix from = DeviceMatrix.require(gradient);
        if (from.size() > 0) {
            addParts(
                    from,
                    DeviceMatrix.require(sums),
                    (launch, rows) -> kernels.launch(
                            "column_products", "sums", launch, (long) from.rows(), from.columns(), from, rows));
        }
    }

    /** A kernel of column_products.cu that writes rows of partial sums. */
    private interface PartialSums {

        /** Launches it, writing to {@code rows}. */
        void write(Launch launch, long rows);
    }

    private void addParts(DeviceMatrix matrix, DeviceMatrix sums, PartialSums kernel) {
        int columns = matrix.columns();
        int parts = Math.clamp(Launch.blocks(matrix.rows(), PART), 1, MOST_PARTS);
        try (Scratch scratch = new Scratch(memory)) {
            long rows = scratch.bytes("parts of sums", (long) parts * columns * Float.BYTES);
            kernel.write(new Launch(Launch.blocks(columns, 256), parts, 1, 256, 1, 0), rows);
            addParts(parts, columns, rows, sums);
        }
    }

    private void addParts(int parts, int columns, long rows, DeviceMatrix sums) {
        kernels.launch(
                "column_products",
                "add_parts",
                new Launch(Launch.blocks(columns, 32), 1, 1, 32, 8, 0),
                parts,
                columns,
                rows,
                sums.address());
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
        DeviceMatrix x = DeviceMatrix.require(input);
        DeviceMatrix slope = DeviceMatrix.require(outputGradient);
        DeviceMatrix result = DeviceMatrix.require(inputGradient);
        if (x.size() == 0) {
            return;
        }
        int width = x.columns();
        int blocks = blocks(x.rows());
        try (Scratch scratch = new Scratch(memory)) {
            long parts = scratch.bytes("parts of sums", (long) blocks * width * Float.BYTES);
            kernels.launch(
                    "rms_norm_gradient",
                    "rms_norm_gradient",
                    Launch.line(blocks, 256, width * Float.BYTES),
                    (long) x.rows(),
                    width,
                    x,
                    DeviceMatrix.require(weight).address(),
                    epsilon,
                    slope,
                    result,
                    parts);
            addParts(blocks, width, parts, DeviceMatrix.require(weightGradient));
        }
    }

    /** As many as the card holds at once. */
    private int blocks(int rows) {
        return Math.min(rows, BLOCKS_PER_MULTIPROCESSOR * device.multiprocessors());
    }

    @Override
    public void rotate(Matrix gradient, RotaryGeometry geometry, Matrix frequencies, int window, int firstPosition) {
        new Rotation(kernels, Rotation.Direction.BACK).turn(gradient, geometry, frequencies, window, firstPosition);
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
        if (output.rows() > 0) {
            Attention forward = new Attention(geometry, inputs, windows, DeviceMatrix.require(output));
            new AttentionGradient(forward, DeviceMatrix.require(outputGradient), gradients)
                    .run(kernels, tensors, memory, device.sharedBytesPerBlock());
        }
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
        DeviceMatrix gates = DeviceMatrix.require(gate);
        DeviceMatrix ups = DeviceMatrix.require(up);
        DeviceMatrix slope = DeviceMatrix.require(outputGradient);
        DeviceMatrix gateResult = DeviceMatrix.require(gateGradient);
        DeviceMatrix upResult = DeviceMatrix.require(upGradient);
        if (gates.size() == 0) {
            return;
        }
        kernels.launch(
                "gate_gradient",
                CudaTransformerOps.kernel(activation),
                Launch.elements(gates.rows(), gates.columns()),
                (long) gates.rows(),
                (long) gates.columns(),
                gates,
                ups,
                slope,
                gateResult,
                upResult);
    }

    @Override
    public void softCap(Matrix output, float cap, Matrix gradient) {
        GradientShapes.requireCap(output, cap, gradient);
        DeviceMatrix capped = DeviceMatrix.require(output);
        DeviceMatrix result = DeviceMatrix.require(gradient);
        if (result.size() == 0) {
            return;
        }
        kernels.launch(
                "elementwise",
                "soft_cap_gradient",
                Launch.elements(result.rows(), result.columns()),
                (long) result.rows(),
                (long) result.columns(),
                cap,
                capped,
                result);
    }

    @Override
    public void rowProducts(Matrix a, Matrix b, Matrix products) {
        GradientShapes.requireRowProducts(a, b, products);
        DeviceMatrix left = DeviceMatrix.require(a);
        DeviceMatrix right = DeviceMatrix.require(b);
        if (left.rows() == 0) {
            return;
        }
        kernels.launch(
                "rows",
                "row_products",
                Launch.rows(left.rows(), MOST_BLOCKS),
                (long) left.rows(),
                left.columns(),
                left,
                right,
                DeviceMatrix.require(products).address());
    }

    @Override
    public double squaredError(Matrix output, Matrix target, float factor, Matrix gradient) {
        GradientShapes.requireError(output, target, gradient);
        return loss("squared_error", output, target, factor, gradient);
    }

    @Override
    public double divergence(Matrix reference, Matrix candidate, float factor, Matrix gradient) {
        GradientShapes.requireDivergence(reference, candidate, gradient);
        return loss("divergence", reference, candidate, factor, gradient);
    }

    private double loss(String kernel, Matrix a, Matrix b, float factor, Matrix gradient) {
        DeviceMatrix left = DeviceMatrix.require(a);
        DeviceMatrix right = DeviceMatrix.require(b);
        DeviceMatrix result = DeviceMatrix.require(gradient);
        if (left.size() == 0) {
            return 0;
        }
        int blocks = blocks(left.rows());
        try (Scratch scratch = new Scratch(memory)) {
            long parts = scratch.bytes("sums", (blocks + 1L) * Double.BYTES);
            long sum = parts + (long) blocks * Double.BYTES;
            kernels.launch(
                    "losses",
                    kernel,
                    Launch.line(blocks, 256, 0),
                    (long) left.rows(),
                    left.columns(),
                    left,
                    right,
                    factor,
                    result,
                    parts);
            kernels.launch("reduce", "sum_parts", Launch.line(1, 256, 0), blocks, parts, sum);
            return transfers.doubles(sum, 1)[0];
        }
    }

    @Override
    public void addTable(Trellis trellis, IntMatrix words, Matrix gradient, Matrix tableGradient) {
        HybridShapes.require(trellis, words, tableGradient, gradient);
        HybridTiles.of(trellis, words, DeviceMatrix.require(tableGradient), DeviceMatrix.require(gradient))
                .addToTable(kernels, memory, transfers, device.multiprocessors());
    }

    @Override
    public void adam(AdamStep step, Matrix parameter, Matrix gradient, Matrix mean, Matrix square) {
        GradientShapes.requireAdam(parameter, gradient, mean, square);
        DeviceMatrix values = DeviceMatrix.require(parameter);
        DeviceMatrix slopes = DeviceMatrix.require(gradient);
        DeviceMatrix means = DeviceMatrix.require(mean);
        DeviceMatrix squares = DeviceMatrix.require(square);
        if (values.size() == 0) {
            return;
        }
        kernels.launch(
                "adam",
                "adam",
                Launch.elements(values.rows(), values.columns()),
                (long) values.rows(),
                (long) values.columns(),
                step.rate(),
                step.beta1(),
                step.beta2(),
                (float) (1 - (double) step.beta1()),
                (float) (1 - (double) step.beta2()),
                (float) step.meanCorrection(),
                (float) step.squareCorrection(),
                step.epsilon(),
                values,
                slopes,
                means,
                squares);
    }
}
