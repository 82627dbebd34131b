package dev.quipforge.llm.quantization;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.NotPositiveDefiniteException;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.packing.PackedTiles;
import dev.quipforge.engine.rounding.BlockLdlq;
import dev.quipforge.engine.rounding.HessianDamping;
import dev.quipforge.engine.rounding.ProxyLoss;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.calibration.HessianFiles;
import dev.quipforge.llm.model.LinearGroup;
import dev.quipforge.llm.model.LinearShape;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.model.QuantizedNames;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Quantizes the linears of a group together with QTIP: randomized Hadamard transform, BlockLDLQ with blocks of 16 columns,
 * every 16 × 16 tile a tail-biting trellis sequence (QTIP, sections 3 and 4). The rows of all linears are encoded at once.
 */
public final class GroupQuantizer {

    private static final int BLOCK = PackedTiles.SIDE;

    private final ComputeBackend backend;
    private final QuantizationSettings settings;

    /** Quantizes on {@code backend} as {@code settings} say. */
    public GroupQuantizer(ComputeBackend backend, QuantizationSettings settings) {
        this.backend = backend;
        this.settings = settings;
    }

    /**
     * Quantizes a group.
     *
     * @param model the dense model
     * @param group which of its linears
     * @param hessianFile their Hessian, as the reducer of the calibration wrote it
     * @param progress hears of every block of columns
     * @throws InvalidModelException when the Hessian or a weight is not usable, naming it
     */
    public QuantizedGroup quantize(ModelDirectory model, LinearGroup group, Path hessianFile, Progress progress) {
        requireSupported(model, group);
        try (SafetensorsFile file = SafetensorsFile.open(hessianFile);
                IncoherentGroup incoherent = load(model, group, hessianFile, file);
                TrellisRounder rounder = new TrellisRounder(
                        backend,
                        settings,
                        incoherent.weights().rows(),
                        incoherent.weights().columns(),
                        progress)) {
            double[] energies = energies(incoherent);
            double damping = round(incoherent, rounder, hessianFile);
            double[] errors = energies(incoherent);
            List<LinearReport> reports = new ArrayList<>();
            List<Tensor> tensors = new ArrayList<>();
            for (IncoherentGroup.Part part : incoherent.parts()) {
                List<Tensor> stored = store(part, incoherent, rounder);
                int index = reports.size();
                reports.add(report(part, incoherent, stored, loss(errors[index], energies[index])));
                tensors.addAll(stored);
            }
            progress.update(1, group.key());
            return new QuantizedGroup(
                    new GroupReport(group.block(), group.input(), reports, damping, rounder.seconds()), tensors);
        }
    }

    private void requireSupported(ModelDirectory model, LinearGroup group) {
        if (model.config().quantization().isPresent()) {
            throw new InvalidModelException(model.name(), "quantized already (expected: dense weights)");
        }
        for (String linear : group.linears()) {
            LinearShape shape = model.layout().shape(linear);
            for (int dimension : new int[] {shape.outputs(), shape.inputs()}) {
                if (dimension % BLOCK != 0) {
                    throw new InvalidModelException(
                            linear, shape + " (expected: multiples of " + BLOCK + "; " + dimension + " is not)");
                }
            }
        }
    }

    private IncoherentGroup load(ModelDirectory model, LinearGroup group, Path hessianFile, SafetensorsFile file) {
        long width = group.input().width(model.config());
        Tensor hessian = file.tensor(HessianFiles.HESSIAN).requireFloating().requireShape(List.of(width, width));
        try {
            hessian.requireFinite();
        } catch (InvalidModelException e) {
            throw new InvalidModelException(hessianFile + ": " + e.place(), e.problem(), e);
        }
        group.linears()
                .forEach(linear -> model.weights().tensor(linear + ".weight").requireFinite());
        return IncoherentGroup.load(backend, model, group, hessian, settings);
    }

    /** Rounds all columns; what remains in the weights is the error. Returns the damping it took. */
    private double round(IncoherentGroup incoherent, TrellisRounder rounder, Path hessianFile) {
        Matrix weights = incoherent.weights();
        try (Workspace workspace = backend.workspace()) {
            Matrix lower = workspace.matrix(weights.columns(), weights.columns());
            double damping = HessianDamping.factor(backend, incoherent.hessian(), lower, BLOCK);
            Matrix rounded = workspace.matrix(weights.rows(), weights.columns());
            new BlockLdlq(backend, lower, BLOCK).round(weights, rounder, rounded);
            return damping;
        } catch (NotPositiveDefiniteException e) {
            throw new InvalidModelException(
                    hessianFile.toString(), "not positive definite even with the most damping", e);
        }
    }

    /** tr(M H̃ Mᵀ) of every linear: before the rounding M is W̃, after it the error. */
    private double[] energies(IncoherentGroup incoherent) {
        return incoherent.parts().stream()
                .mapToDouble(part -> ProxyLoss.energy(
                        backend, incoherent.weights().rows(part.first(), part.end()), incoherent.hessian()))
                .toArray();
    }

    private static double loss(double error, double energy) {
        return energy > 0 ? error / energy : 0;
    }

    private static List<Tensor> store(IncoherentGroup.Part part, IncoherentGroup incoherent, TrellisRounder rounder) {
        String linear = part.linear();
        float[] signs = incoherent.inputSigns();
        PackedTiles packed = rounder.packed().rows(part.first(), part.end());
        float[] scales = new float[part.outputs()];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = part.outputScales().get(i);
        }
        return List.of(
                Tensors.ofShorts(
                        QuantizedNames.trellis(linear),
                        List.of((long) packed.tiles(), (long) packed.wordsPerTile()),
                        packed.words()),
                Tensors.ofHalves(QuantizedNames.inputSigns(linear), List.of((long) signs.length), signs),
                Tensors.ofFloats(QuantizedNames.outputScales(linear), List.of((long) scales.length), scales));
    }

    private static LinearReport report(
            IncoherentGroup.Part part, IncoherentGroup incoherent, List<Tensor> stored, double loss) {
        long weights = (long) part.outputs() * incoherent.weights().columns();
        long bits = stored.stream()
                .mapToLong(tensor -> tensor.data().byteSize() * Byte.SIZE)
                .sum();
        return new LinearReport(part.linear(), weights, bits, loss);
    }
}
