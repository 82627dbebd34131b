package dev.quipforge.llm.quantization;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.incoherence.Incoherence;
import dev.quipforge.engine.incoherence.OrthogonalTransform;
import dev.quipforge.engine.incoherence.SignVector;
import dev.quipforge.engine.rounding.HessianDamping;
import dev.quipforge.llm.architecture.InputSpec;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.format.Formats;
import dev.quipforge.llm.format.StoredTensor;
import dev.quipforge.llm.format.WeightFormat;
import dev.quipforge.llm.quantization.IncoherenceReport.Mu;
import dev.quipforge.llm.rows.WeightLoader;
import dev.quipforge.llm.safetensors.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The linears of one input after the transforms of the recipe: W̃ = Umᵀ diag(SV) W diag(1/SU) Un of every linear, each divided by
 * its scale and stacked below each other, and H̃ = Unᵀ diag(SU) (H + σ mean(diag H) I) diag(SU) Un (QTIP, section 5; QuIP,
 * section 4.1).
 *
 * <p>Both are padded to what the format asks for: with zeros, and on the diagonal of H̃ with its mean, so that what is rounded
 * there has no influence.
 */
final class IncoherentInput {

    /** Up to this order the eigenvectors of a Hessian are found in seconds. */
    private static final int LARGEST_EIGENPROBLEM = 2048;

    /** The probability with which the papers' bounds on μ may fail. */
    private static final double DELTA = 0.01;

    private final ComputeBackend backend;
    private final QuantizationConfig config;
    private final InputSpec input;
    private final String path;
    private final Buffers buffers;
    private final List<Part> parts = new ArrayList<>();
    private InputVector inputVector = new InputVector(new float[0], true);
    private @Nullable Mu hessianMu;

    /**
     * Where it is.
     *
     * @param hessian receives H̃, padded
     * @param weights the stack that its linears are a part of, padded
     * @param first its first row in the stack
     */
    record Buffers(Matrix hessian, Matrix weights, int first) {}

    /**
     * @param backend where to compute
     * @param config how
     * @param input which
     * @param path block and input, after which the transforms are named
     * @param buffers where it goes
     */
    IncoherentInput(ComputeBackend backend, QuantizationConfig config, InputSpec input, String path, Buffers buffers) {
        this.backend = backend;
        this.config = config;
        this.input = input;
        this.path = path;
        this.buffers = buffers;
    }

    /** Rows that the linears of an input take in a stack, padding included. */
    static int paddedRows(InputSpec input, WeightFormat format) {
        return input.linears().stream()
                .mapToInt(linear -> WeightFormat.padded(linear.shape().outputs(), format.rowUnit()))
                .sum();
    }

    /**
     * Loads and transforms.
     *
     * @param hessian H, [inputs × inputs]
     * @param weights where the weights come from
     */
    void load(Tensor hessian, WeightSource weights) {
        Matrix curvature = loadHessian(hessian);
        WeightFormat format = Formats.of(config);
        List<Mu> before = new ArrayList<>();
        int first = buffers.first;
        for (LinearSpec linear : input.linears()) {
            Matrix rows = unpadded(first, linear);
            weights.load(backend, linear, rows);
            before.add(new Mu(Incoherence.ofWeights(backend, rows), 0, null));
            first += WeightFormat.padded(linear.shape().outputs(), format.rowUnit());
        }
        transformInputs(curvature, first);
        transformOutputs(format, before);
    }

    private Matrix unpadded(int first, LinearSpec linear) {
        return buffers.weights.rows(first, first + linear.shape().outputs()).columns(0, input.width());
    }

    /** Returns the part of H̃ that is not padding. */
    private Matrix loadHessian(Tensor tensor) {
        int columns = input.width();
        Matrix padded = buffers.hessian;
        Matrix curvature = padded.rows(0, columns).columns(0, columns);
        try (Workspace temporary = backend.workspace()) {
            backend.dense().copy(WeightLoader.load(backend, temporary, tensor), curvature);
        }
        HessianDamping.regularize(backend.dense(), curvature, HessianDamping.SIGMA);
        if (padded.rows() > columns) {
            Matrix corner = padded.rows(columns, padded.rows()).columns(columns, padded.rows());
            backend.dense().addToDiagonal(corner, (float) backend.dense().meanDiagonal(curvature));
        }
        return curvature;
    }

    private void transformInputs(Matrix curvature, int end) {
        int columns = input.width();
        double before = hessianMu(curvature);
        Matrix unpadded = buffers.weights.rows(buffers.first, end).columns(0, columns);
        inputVector = InputVector.apply(backend, config, path, unpadded, curvature);
        OrthogonalTransform transform = OrthogonalTransform.ofInputs(config.transform(), config.seed(), path, columns);
        transform.rowsInverse(backend, unpadded);
        transform.rowsInverse(backend, curvature);
        transform.columnsInverse(backend, curvature);
        if (columns <= LARGEST_EIGENPROBLEM) {
            hessianMu = new Mu(before, hessianMu(curvature), bound(Incoherence.hessianBound(columns, DELTA)));
        }
    }

    private void transformOutputs(WeightFormat format, List<Mu> before) {
        int first = buffers.first;
        for (LinearSpec linear : input.linears()) {
            int outputs = linear.shape().outputs();
            Matrix rows = unpadded(first, linear);
            float[] scales = signs(linear, rows);
            OrthogonalTransform.ofOutputs(config.transform(), config.seed(), linear.name(), outputs)
                    .columnsInverse(backend, rows);
            double after = Incoherence.ofWeights(backend, rows);
            Mu mu = new Mu(
                    before.get(parts.size()).before(),
                    after,
                    bound(Incoherence.weightBound(outputs, input.width(), DELTA)));
            int end = first + WeightFormat.padded(outputs, format.rowUnit());
            double scale = normalize(rows, format);
            for (int i = 0; i < outputs; i++) {
                scales[i] = (float) (scales[i] * scale);
            }
            parts.add(new Part(linear, first, end, scales, mu));
            first = end;
        }
    }

    /** The random signs of the outputs, applied; ones where the recipe has none. */
    private float[] signs(LinearSpec linear, Matrix rows) {
        float[] signs = new float[rows.rows()];
        Arrays.fill(signs, 1);
        if (config.transform() == OrthogonalTransform.Kind.KRONECKER) {
            return signs;
        }
        signs = SignVector.draw(config.seed(), linear.name() + StoredTensor.OUTPUT_SCALES, rows.rows());
        try (Workspace temporary = backend.workspace()) {
            backend.dense().scaleRows(rows, temporary.rowOf(signs));
        }
        return signs;
    }

    /** The papers give constants for Hadamard transforms only. */
    private @Nullable Double bound(double hadamard) {
        return config.transform() == OrthogonalTransform.Kind.KRONECKER ? null : hadamard;
    }

    private double hessianMu(Matrix curvature) {
        return input.width() <= LARGEST_EIGENPROBLEM ? Incoherence.ofHessian(backend, curvature) : Double.NaN;
    }

    /** Divides by the scale that brings W̃ to the format's range; returns it, 0 for a matrix of zeros. */
    private double normalize(Matrix rows, WeightFormat format) {
        double energy = backend.dense().innerProduct(rows, rows);
        double meanSquare = energy / ((double) rows.rows() * rows.columns());
        float scale = (float) (Math.sqrt(meanSquare) / format.rms());
        if (scale > 0) {
            backend.dense().scale(rows, 1 / scale);
        }
        return scale;
    }

    /** Which input. */
    InputSpec input() {
        return input;
    }

    /** H̃. */
    Matrix hessian() {
        return buffers.hessian;
    }

    /** The rows of a linear without the padding below, W̃, or after the rounding the error; columns are padded. */
    Matrix outputRows(Part part) {
        return buffers.weights.rows(
                part.first(), part.first() + part.linear().shape().outputs());
    }

    /** SU, as it is stored. */
    Tensor inputVector(String linear) {
        return inputVector.tensor(linear);
    }

    /** How the transforms spread weights and Hessian. */
    IncoherenceReport incoherence(Part part) {
        return new IncoherenceReport(part.mu(), hessianMu);
    }

    /** The linears, top to bottom. */
    List<Part> parts() {
        return parts;
    }
}
