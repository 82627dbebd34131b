package dev.quipforge.llm.quantization;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.rounding.ProxyLoss;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.InputSpec;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.architecture.LinearShape;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.calibration.HessianFile;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.format.Formats;
import dev.quipforge.llm.format.Rounding;
import dev.quipforge.llm.format.StoredTensor;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import dev.quipforge.llm.weights.Overlay;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Quantizes the linears of a group together: the transforms of the recipe, rounding with the feedback of the Hessian of each
 * input, codes. The rows of all linears whose inputs have one shape are rounded at once.
 */
public final class GroupQuantizer {

    private static final String NOT_DEFINITE = "Hessian not positive definite even with the most damping";

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
     * Quantizes a group. Where a Hessian is not positive definite even with the most damping, the linears that read its input
     * are kept as they are, and the report says so.
     *
     * @param model the dense model
     * @param overlay weights that take the place of the model's
     * @param group which of its linears
     * @param hessianFile the Hessians of its inputs, as the reducer of the calibration wrote them
     * @param progress hears of every block of columns
     * @throws InvalidModelException when a Hessian or a weight is not usable, naming it
     */
    public QuantizedGroup quantize(
            ModelDirectory model, Overlay overlay, LinearGroup group, Path hessianFile, Progress progress) {
        if (model.config().quantization().isPresent()) {
            throw new InvalidModelException(model.name(), "quantized already (expected: dense weights)");
        }
        try (HessianFile hessians = HessianFile.open(hessianFile)) {
            Result result = new Result(model, new WeightSource(model, overlay), hessians);
            double done = 0;
            for (List<InputSpec> inputs : ofEqualShapes(group)) {
                double part = (double) inputs.size() / group.inputs().size();
                result.add(group.block(), inputs, progress.part(done, done + part));
                done += part;
            }
            progress.update(1, group.path());
            return result.group(group);
        }
    }

    private static Collection<List<InputSpec>> ofEqualShapes(LinearGroup group) {
        Map<List<LinearShape>, List<InputSpec>> classes = group.inputs().stream()
                .collect(Collectors.groupingBy(
                        input -> input.linears().stream().map(LinearSpec::shape).toList(),
                        LinkedHashMap::new,
                        Collectors.toList()));
        return classes.values();
    }

    /** What becomes of a group. */
    private final class Result {

        private final ModelDirectory model;
        private final WeightSource weights;
        private final HessianFile hessians;
        private final Map<String, LinearReport> reports = new LinkedHashMap<>();
        private final List<Tensor> tensors = new ArrayList<>();
        private double seconds;

        Result(ModelDirectory model, WeightSource weights, HessianFile hessians) {
            this.model = model;
            this.weights = weights;
            this.hessians = hessians;
        }

        QuantizedGroup group(LinearGroup group) {
            List<LinearReport> inOrder = group.names().stream()
                    .map(name -> Objects.requireNonNull(reports.get(name), name))
                    .toList();
            return new QuantizedGroup(new GroupReport(group.block(), group.key(), inOrder, seconds), tensors);
        }

        /** Rounds the linears of inputs of one shape. */
        void add(int block, List<InputSpec> inputs, Progress progress) {
            try (IncoherentStack stack = new IncoherentStack(backend, block, inputs, config)) {
                for (IncoherentInput input : stack.inputs()) {
                    input.load(hessians.hessian(input.input()), weights);
                }
                Matrix rows = stack.weights();
                try (Rounding rounding = Formats.of(config).rounding(backend, rows.rows(), rows.columns(), progress)) {
                    List<double[]> energies =
                            stack.inputs().stream().map(this::energies).toList();
                    List<OptionalDouble> dampings = round(stack, rounding);
                    for (int i = 0; i < inputs.size(); i++) {
                        collect(stack.inputs().get(i), rounding, dampings.get(i), energies.get(i));
                    }
                    seconds += rounding.seconds();
                }
            }
        }

        /** Rounds all columns; what remains in the weights is the error. Returns the damping that each input took. */
        private List<OptionalDouble> round(IncoherentStack stack, Rounding rounding) {
            Matrix rows = stack.weights();
            try (Workspace workspace = backend.workspace()) {
                Matrix rounded = workspace.matrix(rows.rows(), rows.columns());
                return rounding.round(stack.hessians(), rows, rounded);
            }
        }

        /** tr(M H̃ Mᵀ) of every linear: before the rounding M is W̃, after it the error. */
        private double[] energies(IncoherentInput input) {
            return input.parts().stream()
                    .mapToDouble(part -> ProxyLoss.energy(backend, input.outputRows(part), input.hessian()))
                    .toArray();
        }

        private void collect(IncoherentInput input, Rounding rounding, OptionalDouble damping, double[] energies) {
            double[] errors = damping.isPresent() ? energies(input) : energies;
            for (int i = 0; i < input.parts().size(); i++) {
                Part part = input.parts().get(i);
                if (damping.isEmpty()) {
                    report(input, part, keptBits(part), 0, 0, NOT_DEFINITE);
                    continue;
                }
                List<Tensor> stored = store(input, part, rounding);
                long bits = stored.stream()
                        .mapToLong(tensor -> tensor.bytes() * Byte.SIZE)
                        .sum();
                double loss = energies[i] > 0 ? errors[i] / energies[i] : 0;
                report(input, part, bits, loss, damping.getAsDouble(), null);
                tensors.addAll(stored);
            }
        }

        private long keptBits(Part part) {
            LinearSpec linear = part.linear();
            return linear.shape().weights() * model.dense().type(linear).bytes() * Byte.SIZE;
        }

        private void report(
                IncoherentInput input, Part part, long bits, double loss, double damping, @Nullable String kept) {
            LinearSpec linear = part.linear();
            LinearReport.Calibration calibration = new LinearReport.Calibration(
                    hessians.tokens(input.input()), hessians.prior(input.input()), damping);
            reports.put(
                    linear.name(),
                    new LinearReport(
                            linear.name(),
                            linear.shape().weights(),
                            bits,
                            loss,
                            calibration,
                            input.incoherence(part),
                            kept));
        }

        private List<Tensor> store(IncoherentInput input, Part part, Rounding rounding) {
            String linear = part.linear().name();
            float[] scales = part.outputScales();
            return List.of(
                    rounding.codes(linear, part.first(), part.end()),
                    input.inputVector(linear),
                    Tensors.ofFloats(linear + StoredTensor.OUTPUT_SCALES, List.of((long) scales.length), scales));
        }
    }
}
