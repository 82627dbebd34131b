package dev.quipforge.llm.quantization;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.conditioning.DiagonalRescaling;
import dev.quipforge.engine.conditioning.Incoherence;
import dev.quipforge.engine.incoherence.SignVector;
import dev.quipforge.engine.rounding.HessianDamping;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.format.Formats;
import dev.quipforge.llm.format.OrthogonalTransform;
import dev.quipforge.llm.format.StoredTensor;
import dev.quipforge.llm.format.WeightFormat;
import dev.quipforge.llm.model.LinearGroup;
import dev.quipforge.llm.model.LinearShape;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.quantization.IncoherenceReport.Mu;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import dev.quipforge.llm.weights.WeightLoader;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A group after the transforms of its recipe: W̃ = Umᵀ diag(SV) W diag(1/SU) Un of every linear, each divided by its scale and
 * stacked below each other, and H̃ = Unᵀ diag(SU) (H + σ mean(diag H) I) diag(SU) Un. With Hadamard matrices SU and SV are
 * random signs (QTIP, section 5); with QuIP's Kronecker products SU undoes the rescaling of the columns (QuIP, section 4.1).
 *
 * <p>Both are padded to what the format asks for: with zeros, and on the diagonal of H̃ with its mean, so that what is rounded
 * there has no influence.
 */
final class IncoherentGroup implements AutoCloseable {

    /** Up to this order the eigenvectors of a Hessian are found in seconds. */
    private static final int LARGEST_EIGENPROBLEM = 2048;

    /** The probability with which the papers' bounds on μ may fail. */
    private static final double DELTA = 0.01;

    private final ComputeBackend backend;
    private final Workspace workspace;
    private final QuantizationConfig config;
    private final LinearGroup group;
    private final Matrix hessian;
    private final Matrix weights;
    private final int columns;
    private final List<Part> parts = new ArrayList<>();
    private float[] inputVector = {};
    private @Nullable Mu hessianMu;

    /**
     * One linear.
     *
     * @param linear its name
     * @param first its first row in the stack
     * @param end row after its last, padding included
     * @param outputScales SV with the scale folded in
     * @param mu incoherence of its weights
     */
    record Part(String linear, int first, int end, List<Float> outputScales, Mu mu) {

        int outputs() {
            return outputScales.size();
        }
    }

    private IncoherentGroup(
            ComputeBackend backend, QuantizationConfig config, LinearGroup group, int columns, Padded padded) {
        this.backend = backend;
        this.workspace = backend.workspace();
        this.config = config;
        this.group = group;
        this.columns = columns;
        this.hessian = workspace.matrix(padded.columns, padded.columns);
        this.weights = workspace.matrix(padded.rows, padded.columns);
    }

    private record Padded(int rows, int columns) {}

    /**
     * Loads and transforms a group.
     *
     * @param backend where to
     * @param model the dense model
     * @param group its linears
     * @param dense their weights
     * @param tensor H, [inputs × inputs]
     * @param config how
     */
    static IncoherentGroup load(
            ComputeBackend backend,
            ModelDirectory model,
            LinearGroup group,
            List<Tensor> dense,
            Tensor tensor,
            QuantizationConfig config) {
        WeightFormat format = Formats.of(config);
        int columns = group.input().width(model.config());
        int rows = group.linears().stream()
                .mapToInt(name -> paddedRows(model, name, format))
                .sum();
        Padded padded = new Padded(rows, WeightFormat.padded(columns, format.columnUnit()));
        IncoherentGroup loaded = new IncoherentGroup(backend, config, group, columns, padded);
        try {
            Matrix curvature = loaded.loadHessian(tensor);
            List<Double> mus = loaded.loadWeights(model, dense, format);
            loaded.transformInputs(curvature);
            loaded.transformOutputs(model, format, mus);
            return loaded;
        } catch (RuntimeException e) {
            loaded.close();
            throw e;
        }
    }

    private static int paddedRows(ModelDirectory model, String linear, WeightFormat format) {
        return WeightFormat.padded(model.layout().shape(linear).outputs(), format.rowUnit());
    }

    /** Returns the part of {@link #hessian} that is not padding. */
    private Matrix loadHessian(Tensor tensor) {
        Matrix curvature = hessian.rows(0, columns).columns(0, columns);
        try (Workspace temporary = backend.workspace()) {
            backend.dense().copy(WeightLoader.load(backend, temporary, tensor), curvature);
        }
        HessianDamping.regularize(backend.dense(), curvature, HessianDamping.SIGMA);
        int padding = hessian.rows() - columns;
        if (padding > 0) {
            Matrix corner = hessian.rows(columns, hessian.rows()).columns(columns, hessian.rows());
            backend.dense().addToDiagonal(corner, (float) backend.dense().meanDiagonal(curvature));
        }
        return curvature;
    }

    /** Returns μ of every linear. */
    private List<Double> loadWeights(ModelDirectory model, List<Tensor> dense, WeightFormat format) {
        List<Double> mus = new ArrayList<>();
        int first = 0;
        for (String linear : group.linears()) {
            LinearShape shape = model.layout().shape(linear);
            Matrix rows = weights.rows(first, first + shape.outputs()).columns(0, columns);
            try (Workspace temporary = backend.workspace()) {
                backend.dense().copy(WeightLoader.load(backend, temporary, dense.get(mus.size())), rows);
            }
            mus.add(Incoherence.ofWeights(backend, rows));
            first += paddedRows(model, linear, format);
        }
        return mus;
    }

    private void transformInputs(Matrix curvature) {
        double before = hessianMu(curvature);
        Matrix unpadded = weights.columns(0, columns);
        if (kronecker()) {
            inputVector = inverse(DiagonalRescaling.apply(backend, unpadded, curvature));
        } else {
            inputVector = SignVector.draw(config.seed(), group.key() + StoredTensor.INPUT_SIGNS, columns);
            try (Workspace temporary = backend.workspace()) {
                Matrix signs = vector(temporary, inputVector);
                backend.dense().scaleColumns(unpadded, signs);
                backend.dense().scaleColumns(curvature, signs);
                backend.dense().scaleRows(curvature, signs);
            }
        }
        OrthogonalTransform transform = OrthogonalTransform.ofInputs(config, group.key(), columns);
        transform.rowsInverse(backend, unpadded);
        transform.rowsInverse(backend, curvature);
        transform.columnsInverse(backend, curvature);
        if (columns <= LARGEST_EIGENPROBLEM) {
            hessianMu = new Mu(before, hessianMu(curvature), bound(Incoherence.hessianBound(columns, DELTA)));
        }
    }

    private void transformOutputs(ModelDirectory model, WeightFormat format, List<Double> mus) {
        int first = 0;
        for (String linear : group.linears()) {
            int outputs = model.layout().shape(linear).outputs();
            Matrix rows = weights.rows(first, first + outputs).columns(0, columns);
            float[] signs = new float[outputs];
            Arrays.fill(signs, 1);
            if (!kronecker()) {
                signs = SignVector.draw(config.seed(), linear + StoredTensor.OUTPUT_SCALES, outputs);
                try (Workspace temporary = backend.workspace()) {
                    backend.dense().scaleRows(rows, vector(temporary, signs));
                }
            }
            OrthogonalTransform.ofOutputs(config, linear, outputs).columnsInverse(backend, rows);
            double after = Incoherence.ofWeights(backend, rows);
            Mu mu = new Mu(mus.get(parts.size()), after, bound(Incoherence.weightBound(outputs, columns, DELTA)));
            int end = first + paddedRows(model, linear, format);
            parts.add(new Part(linear, first, end, scales(signs, normalize(rows, format)), mu));
            first = end;
        }
    }

    private boolean kronecker() {
        return config.transform().equals(QuantizationConfig.KRONECKER);
    }

    /** The papers give constants for Hadamard transforms only. */
    private @Nullable Double bound(double hadamard) {
        return kronecker() ? null : hadamard;
    }

    private double hessianMu(Matrix curvature) {
        return columns <= LARGEST_EIGENPROBLEM ? Incoherence.ofHessian(backend, curvature) : Double.NaN;
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

    private static List<Float> scales(float[] signs, double scale) {
        List<Float> scales = new ArrayList<>();
        for (float sign : signs) {
            scales.add((float) (sign * scale));
        }
        return scales;
    }

    private static float[] inverse(float[] values) {
        float[] inverse = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            inverse[i] = 1 / values[i];
        }
        return inverse;
    }

    private static Matrix vector(Workspace workspace, float[] values) {
        try (Arena arena = Arena.ofConfined()) {
            return workspace.copyOf(HostMatrix.of(arena, 1, values.length, values));
        }
    }

    /** H̃. */
    Matrix hessian() {
        return hessian;
    }

    /** The scaled W̃ of all linears below each other. */
    Matrix weights() {
        return weights;
    }

    /** n, without padding. */
    int inputs() {
        return columns;
    }

    /** SU, as it is stored: signs as F16, what undoes the rescaling as F32. */
    Tensor inputVector(String linear) {
        String name = linear + StoredTensor.INPUT_SIGNS;
        List<Long> shape = List.of((long) columns);
        return kronecker() ? Tensors.ofFloats(name, shape, inputVector) : Tensors.ofHalves(name, shape, inputVector);
    }

    /** μ of the Hessian; null where it was not measured. */
    @Nullable
    Mu hessianMu() {
        return hessianMu;
    }

    /** The linears, top to bottom. */
    List<Part> parts() {
        return parts;
    }

    @Override
    public void close() {
        workspace.close();
    }
}
