package dev.quipforge.llm.tuning;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.json.JsonFields;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.rows.MatrixTensor;
import dev.quipforge.llm.rows.WeightLoader;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.WritableTensor;
import dev.quipforge.llm.training.Parameter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** How far a training has come, beside its parameters; both are saved in one file and read again bit for bit. */
final class TrainingState {

    private static final String METADATA = "state";

    /** Steps taken in all. */
    int steps;

    /** The epoch that is under way, from 0. */
    int epoch;

    /** Steps taken in it. */
    int position;

    /** Epochs since the best. */
    int stale;

    /** Validation loss before the first step. */
    double before;

    /** The best validation loss so far. */
    double best;

    /** Time of earlier runs. */
    double seconds;

    /** Validation loss after every epoch so far. */
    final List<Double> curve = new ArrayList<>();

    /** Writes the state and the parameters to {@code file}. */
    void write(ComputeBackend backend, List<Parameter> parameters, Path file) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("steps", steps);
        fields.put("epoch", epoch);
        fields.put("position", position);
        fields.put("stale", stale);
        fields.put("before", before);
        fields.put("best", best);
        fields.put("seconds", seconds);
        fields.put("curve", curve);
        List<WritableTensor> tensors = new ArrayList<>();
        forEach(parameters, (name, matrix) -> tensors.add(new MatrixTensor(backend, name, matrix)));
        SafetensorsWriter.write(file, Map.of(METADATA, StrictJson.write(fields, false)), tensors);
    }

    /** The state in {@code file}; the parameters become what they were. */
    static TrainingState read(ComputeBackend backend, List<Parameter> parameters, Path file) {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            String json = opened.metadata().getOrDefault(METADATA, "absent");
            JsonFields fields = StrictJson.parse(json.getBytes(StandardCharsets.UTF_8), "checkpoint of the tuning");
            TrainingState state = new TrainingState();
            state.steps = (int) fields.integer("steps", 0);
            state.epoch = (int) fields.integer("epoch", 0);
            state.position = (int) fields.integer("position", 0);
            state.stale = (int) fields.integer("stale", 0);
            state.before = fields.number("before");
            state.best = fields.number("best");
            state.seconds = fields.number("seconds");
            state.curve.addAll(fields.numbers("curve"));
            forEach(parameters, (name, matrix) -> load(backend, opened.tensor(name), matrix));
            parameters.forEach(Parameter::changed);
            return state;
        }
    }

    private static void forEach(List<Parameter> parameters, BiConsumer<String, Matrix> action) {
        for (Parameter parameter : parameters) {
            action.accept(parameter.name(), parameter.value());
            action.accept(parameter.name() + ".mean", parameter.mean());
            action.accept(parameter.name() + ".square", parameter.square());
            action.accept(parameter.name() + ".best", parameter.best());
        }
    }

    private static void load(ComputeBackend backend, Tensor tensor, Matrix target) {
        try (Workspace temporary = backend.workspace()) {
            backend.dense().copy(WeightLoader.load(backend, temporary, tensor), target);
        }
    }
}
