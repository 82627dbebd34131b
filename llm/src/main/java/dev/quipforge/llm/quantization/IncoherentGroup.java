package dev.quipforge.llm.quantization;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.incoherence.Hadamard;
import dev.quipforge.engine.incoherence.SignVector;
import dev.quipforge.engine.rounding.HessianDamping;
import dev.quipforge.engine.trellis.Trellis;
import dev.quipforge.llm.model.LinearGroup;
import dev.quipforge.llm.model.LinearShape;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.weights.LinearWeights;
import dev.quipforge.llm.weights.WeightLoader;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/**
 * A group after the randomized Hadamard transform (QTIP, section 5): W̃ = Hmᵀ diag(SV) W diag(SU) Hn of every linear, each
 * divided by its scale and stacked below each other, and H̃ = Hnᵀ diag(SU) (H + σ mean(diag H) I) diag(SU) Hn.
 */
final class IncoherentGroup implements AutoCloseable {

    /** What the root mean square of W̃ is, in units of the code's own: the published recipe's scale override. */
    private static final double LOADING = 0.9;

    private final ComputeBackend backend;
    private final Workspace workspace;
    private final int columns;
    private final float[] inputSigns;
    private final Matrix hessian;
    private final Matrix weights;
    private final List<Part> parts = new ArrayList<>();

    /** One linear: rows {@code first} to {@code end} of the stack, SV with the scale folded in. */
    record Part(String linear, int first, int end, List<Float> outputScales) {

        int outputs() {
            return end - first;
        }
    }

    private IncoherentGroup(ComputeBackend backend, Workspace workspace, float[] inputSigns, int rows) {
        this.backend = backend;
        this.workspace = workspace;
        this.columns = inputSigns.length;
        this.inputSigns = inputSigns;
        this.hessian = workspace.matrix(columns, columns);
        this.weights = workspace.matrix(rows, columns);
    }

    /**
     * Loads and transforms a group.
     *
     * @param backend where to
     * @param model the dense model
     * @param group its linears
     * @param hessian H, [inputs × inputs]
     * @param settings seed and code
     */
    static IncoherentGroup load(
            ComputeBackend backend,
            ModelDirectory model,
            LinearGroup group,
            Tensor hessian,
            QuantizationSettings settings) {
        int columns = group.input().width(model.config());
        int rows = group.linears().stream()
                .mapToInt(name -> model.layout().shape(name).outputs())
                .sum();
        float[] signs = SignVector.draw(settings.seed(), group.key() + ".SU", columns);
        Workspace workspace = backend.workspace();
        try {
            IncoherentGroup loaded = new IncoherentGroup(backend, workspace, signs, rows);
            loaded.transformHessian(hessian);
            loaded.transformWeights(model, group, settings);
            return loaded;
        } catch (RuntimeException e) {
            workspace.close();
            throw e;
        }
    }

    private void transformHessian(Tensor tensor) {
        try (Workspace temporary = backend.workspace()) {
            backend.dense().copy(WeightLoader.load(backend, temporary, tensor), hessian);
            HessianDamping.regularize(backend.dense(), hessian, HessianDamping.SIGMA);
            Matrix signs = vector(temporary, inputSigns);
            backend.dense().scaleRows(hessian, signs);
            backend.dense().scaleColumns(hessian, signs);
            Hadamard transform = Hadamard.fitting(columns);
            backend.hadamard().transformRowsInverse(transform, hessian);
            backend.hadamard().transformColumnsInverse(transform, hessian);
        }
    }

    private void transformWeights(ModelDirectory model, LinearGroup group, QuantizationSettings settings) {
        int first = 0;
        for (String linear : group.linears()) {
            LinearShape shape = model.layout().shape(linear);
            float[] outputSigns = SignVector.draw(settings.seed(), linear + ".SV", shape.outputs());
            Matrix rows = weights.rows(first, first + shape.outputs());
            transform(model, linear, outputSigns, rows);
            double scale = normalize(rows, settings.trellis());
            List<Float> scales = new ArrayList<>();
            for (float sign : outputSigns) {
                scales.add((float) (sign * scale));
            }
            parts.add(new Part(linear, first, first + shape.outputs(), scales));
            first += shape.outputs();
        }
    }

    private void transform(ModelDirectory model, String linear, float[] outputSigns, Matrix rows) {
        try (Workspace temporary = backend.workspace()) {
            backend.dense().copy(LinearWeights.load(backend, temporary, model, linear), rows);
            backend.dense().scaleRows(rows, vector(temporary, outputSigns));
            backend.dense().scaleColumns(rows, vector(temporary, inputSigns));
            backend.hadamard().transformRowsInverse(Hadamard.fitting(columns), rows);
            backend.hadamard().transformColumnsInverse(Hadamard.fitting(outputSigns.length), rows);
        }
    }

    /** Divides by the scale that brings W̃ to the code's range; returns it, 0 for a matrix of zeros. */
    private double normalize(Matrix rows, Trellis trellis) {
        double energy = backend.dense().innerProduct(rows, rows);
        double meanSquare = energy / ((double) rows.rows() * rows.columns());
        float scale = (float) (Math.sqrt(meanSquare) / (trellis.rms() * LOADING));
        if (scale > 0) {
            backend.dense().scale(rows, 1 / scale);
        }
        return scale;
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

    /** SU. */
    float[] inputSigns() {
        return inputSigns.clone();
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
