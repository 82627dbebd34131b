package dev.quipforge.llm.quantization;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.NotPositiveDefiniteException;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.rounding.ProxyLoss;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.calibration.HessianFiles;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.format.Formats;
import dev.quipforge.llm.format.Rounding;
import dev.quipforge.llm.format.StoredTensor;
import dev.quipforge.llm.model.LinearGroup;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.quantization.IncoherentGroup.Part;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import dev.quipforge.llm.weights.Overlay;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Quantizes the linears of a group together: the transforms of the recipe, rounding with the feedback of the shared Hessian,
 * codes. The rows of all linears are rounded at once.
 */
public final class GroupQuantizer {

    private final ComputeBackend backend;
    private final QuantizationConfig config;

    /** Quantizes on {@code backend} as {@code config} says. */
    public GroupQuantizer(ComputeBackend backend, QuantizationConfig config) {
        this.backend = backend;
        this.config = config;
    }

    /** As {@link #quantize(ModelDirectory, Overlay, LinearGroup, Path, Progress)}, with the model's own weights. */
    public QuantizedGroup quantize(ModelDirectory model, LinearGroup group, Path hessianFile, Progress progress) {
        try (Overlay none = Overlay.open(List.of())) {
            return quantize(model, none, group, hessianFile, progress);
        }
    }

    /**
     * Quantizes a group. Where its Hessian is not positive definite even with the most damping, the linears are kept as they
     * are, and the report says so.
     *
     * @param model the dense model
     * @param overlay weights that take the place of the model's
     * @param group which of its linears
     * @param hessianFile their Hessian, as the reducer of the calibration wrote it
     * @param progress hears of every block of columns
     * @throws InvalidModelException when the Hessian or a weight is not usable, naming it
     */
    public QuantizedGroup quantize(
            ModelDirectory model, Overlay overlay, LinearGroup group, Path hessianFile, Progress progress) {
        if (model.config().quantization().isPresent()) {
            throw new InvalidModelException(model.name(), "quantized already (expected: dense weights)");
        }
        try (SafetensorsFile file = SafetensorsFile.open(hessianFile);
                IncoherentGroup incoherent = load(model, overlay, group, hessianFile, file);
                Rounding rounding = Formats.of(config)
                        .rounding(
                                backend,
                                incoherent.weights().rows(),
                                incoherent.weights().columns(),
                                progress)) {
            double[] energies = energies(incoherent);
            QuantizedGroup quantized;
            try {
                double damping = round(incoherent, rounding);
                quantized = collect(group, incoherent, rounding, damping, energies);
            } catch (NotPositiveDefiniteException e) {
                quantized = kept(model, group, incoherent, "Hessian not positive definite even with the most damping");
            }
            progress.update(1, group.key());
            return quantized;
        }
    }

    private IncoherentGroup load(
            ModelDirectory model, Overlay overlay, LinearGroup group, Path hessianFile, SafetensorsFile file) {
        long width = group.input().width(model.config());
        Tensor hessian = file.tensor(HessianFiles.HESSIAN).requireFloating().requireShape(List.of(width, width));
        try {
            hessian.requireFinite();
        } catch (InvalidModelException e) {
            throw new InvalidModelException(hessianFile + ": " + e.place(), e.problem(), e);
        }
        List<Tensor> weights = group.linears().stream()
                .map(linear -> overlay.over(model.weights(), linear + ".weight"))
                .toList();
        weights.forEach(Tensor::requireFinite);
        return IncoherentGroup.load(backend, model, group, weights, hessian, config);
    }

    /** Rounds all columns; what remains in the weights is the error. Returns the damping it took. */
    private double round(IncoherentGroup incoherent, Rounding rounding) {
        Matrix weights = incoherent.weights();
        try (Workspace workspace = backend.workspace()) {
            Matrix rounded = workspace.matrix(weights.rows(), weights.columns());
            return rounding.round(incoherent.hessian(), weights, rounded);
        }
    }

    /** tr(M H̃ Mᵀ) of every linear: before the rounding M is W̃, after it the error. */
    private double[] energies(IncoherentGroup incoherent) {
        return incoherent.parts().stream()
                .mapToDouble(part -> ProxyLoss.energy(
                        backend,
                        incoherent.weights().rows(part.first(), part.first() + part.outputs()),
                        incoherent.hessian()))
                .toArray();
    }

    private QuantizedGroup collect(
            LinearGroup group, IncoherentGroup incoherent, Rounding rounding, double damping, double[] energies) {
        double[] errors = energies(incoherent);
        List<LinearReport> reports = new ArrayList<>();
        List<Tensor> tensors = new ArrayList<>();
        for (Part part : incoherent.parts()) {
            int index = reports.size();
            double loss = energies[index] > 0 ? errors[index] / energies[index] : 0;
            List<Tensor> stored = store(part, incoherent, rounding);
            long bits = stored.stream()
                    .mapToLong(tensor -> tensor.data().byteSize() * Byte.SIZE)
                    .sum();
            reports.add(new LinearReport(
                    part.linear(), weights(part, incoherent), bits, loss, incoherence(part, incoherent), null));
            tensors.addAll(stored);
        }
        return new QuantizedGroup(
                new GroupReport(group.block(), group.input(), reports, damping, rounding.seconds()), tensors);
    }

    private static QuantizedGroup kept(
            ModelDirectory model, LinearGroup group, IncoherentGroup incoherent, String reason) {
        List<LinearReport> reports = incoherent.parts().stream()
                .map(part -> new LinearReport(
                        part.linear(),
                        weights(part, incoherent),
                        model.weights().tensor(part.linear() + ".weight").data().byteSize() * Byte.SIZE,
                        0,
                        incoherence(part, incoherent),
                        reason))
                .toList();
        return new QuantizedGroup(new GroupReport(group.block(), group.input(), reports, 0, 0), List.of());
    }

    private static long weights(Part part, IncoherentGroup incoherent) {
        return (long) part.outputs() * incoherent.inputs();
    }

    private static IncoherenceReport incoherence(Part part, IncoherentGroup incoherent) {
        return new IncoherenceReport(part.mu(), incoherent.hessianMu());
    }

    private static List<Tensor> store(Part part, IncoherentGroup incoherent, Rounding rounding) {
        String linear = part.linear();
        float[] scales = new float[part.outputs()];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = part.outputScales().get(i);
        }
        return List.of(
                rounding.codes(linear, part.first(), part.end()),
                incoherent.inputVector(linear),
                Tensors.ofFloats(linear + StoredTensor.OUTPUT_SCALES, List.of((long) scales.length), scales));
    }
}
