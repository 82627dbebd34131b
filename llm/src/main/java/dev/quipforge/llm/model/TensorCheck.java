package dev.quipforge.llm.model;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.architecture.LinearShape;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.config.ModelConfig;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.format.Formats;
import dev.quipforge.llm.format.StoredTensor;
import dev.quipforge.llm.format.WeightFormat;
import dev.quipforge.llm.safetensors.TensorSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Whether the files of a model have every tensor that its configuration asks for, each with its shape and type. */
final class TensorCheck {

    /** What ends the names of tensors that other programs compute with, and we do not. */
    private static final List<String> IGNORED = List.of("rotary_emb.inv_freq", ".input_scale", ".k_scale", ".v_scale");

    private final ModelConfig config;
    private final Layout layout;
    private final DenseWeights dense;
    private final TensorSource tensors;
    private final Set<String> known = new HashSet<>();

    TensorCheck(ModelConfig config, Layout layout, DenseWeights dense) {
        this.config = config;
        this.layout = layout;
        this.dense = dense;
        this.tensors = dense.tensors();
    }

    /**
     * Checks all tensors of the decoder.
     *
     * @throws InvalidModelException naming the first that is missing or not what it must be
     */
    void run() {
        layout.otherTensors().forEach((name, shape) -> require(name, ExpectedTensor.floating(shape)));
        for (LinearGroup group : layout.groups()) {
            group.linears().forEach(linear -> check(group, linear));
        }
    }

    private void check(LinearGroup group, LinearSpec linear) {
        config.quantization()
                .filter(_ -> config.isQuantized(linear.name()))
                .ifPresentOrElse(scheme -> checkCodes(linear, scheme.forGroup(group)), () -> checkDense(linear));
    }

    private void checkDense(LinearSpec linear) {
        dense.rows(linear);
        known.addAll(dense.weightNames(linear));
    }

    private void checkCodes(LinearSpec linear, QuantizationConfig quantization) {
        WeightFormat format = Formats.of(quantization);
        LinearShape shape = linear.shape();
        StoredTensor codes = format.codes(
                WeightFormat.padded(shape.outputs(), format.rowUnit()),
                WeightFormat.padded(shape.inputs(), format.columnUnit()));
        require(linear.name() + format.suffix(), new ExpectedTensor(codes.shape(), codes.type()));
        require(linear.name() + StoredTensor.INPUT_SIGNS, vector(shape.inputs()));
        require(linear.name() + StoredTensor.OUTPUT_SCALES, vector(shape.outputs()));
        String table = linear.name() + StoredTensor.TABLE;
        if (tensors.contains(table)) {
            format.table().ifPresent(stored -> require(table, ExpectedTensor.floating(stored.shape())));
        }
    }

    private static ExpectedTensor vector(int length) {
        return ExpectedTensor.floating(List.of((long) length));
    }

    private void require(String name, ExpectedTensor tensor) {
        tensor.check(tensors.tensor(name));
        known.add(name);
    }

    /**
     * Refuses tensors that are not the decoder's, once all of its own are found.
     *
     * @throws InvalidModelException naming the first
     */
    void refuseOthers() {
        for (String name : tensors.names()) {
            if (!known.contains(name) && !isIgnored(name)) {
                throw new InvalidModelException(
                        name, "not a tensor of " + config.architecture().modelType());
            }
        }
    }

    /** Whether a checkpoint may hold such a tensor though it is not used. */
    private boolean isIgnored(String name) {
        boolean unusedHead = config.architecture().head().tied()
                && name.equals(config.architecture().head().tensor());
        return unusedHead
                || IGNORED.stream().anyMatch(name::endsWith)
                || config.architecture().foreign().stream().anyMatch(name::startsWith);
    }
}
