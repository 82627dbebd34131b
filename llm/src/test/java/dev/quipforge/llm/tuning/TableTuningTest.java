package dev.quipforge.llm.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.trellis.Hybrid;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.checkpoint.CheckpointAssembler;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.config.TuningMode;
import dev.quipforge.llm.config.TuningSchedule;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.rows.MatrixRows;
import dev.quipforge.llm.rows.WeightLoader;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import dev.quipforge.llm.testing.QuantizedModels;
import dev.quipforge.llm.training.TrainableModel;
import dev.quipforge.llm.training.TrainingSource;
import dev.quipforge.llm.transformer.Decoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables of a tiny model of HYB, from their tuning to the checkpoint. */
class TableTuningTest {

    private static final ComputeBackend BACKEND = ComputeBackends.named("vector");
    private static final String TABLE = ".tlut";
    private static final String ONE = "model.layers.1.mlp.down_proj" + TABLE;

    @TempDir
    static Path directory;

    private static QuantizedModels fixture;
    private static ModelDirectory model;
    private static Path overlay;
    private static TuningReport report;

    @BeforeAll
    static void make() {
        fixture = QuantizedModels.hybrid(directory, 10);
        model = fixture.open();
        overlay = directory.resolve("tuned.safetensors");
        report = tune(overlay, TuningCheckpoints.NONE, Progress.NONE);
    }

    @AfterAll
    static void close() {
        model.close();
        BACKEND.close();
    }

    @Test
    void everyLinearGetsATableOfItsOwn() {
        assertThat(report.lossAfter()).isPositive().isLessThan(0.9 * report.lossBefore());
        try (SafetensorsFile file = SafetensorsFile.open(overlay)) {
            List<float[]> tables = file.names().stream()
                    .filter(name -> name.endsWith(TABLE))
                    .map(name ->
                            file.tensor(name).requireShape(List.of(512L, 2L)).floats())
                    .toList();
            assertThat(tables).hasSize(2 * 7).doesNotHaveDuplicates();
            assertThat(tables)
                    .noneMatch(table -> difference(table, Hybrid.standard().pairs()) < 1e-3);
        }
    }

    @Test
    void theNextTuningBeginsWhereTheLastOneEnded() {
        TuningReport next =
                tune(List.of(overlay), 0, directory.resolve("next.safetensors"), TuningCheckpoints.NONE, Progress.NONE);
        assertThat(next.lossBefore()).isCloseTo(report.lossAfter(), Percentage.withPercentage(0.01));
    }

    @Test
    void aTuningThatWasInterruptedEndsAsOneThatWasNot() {
        Path resumed = directory.resolve("resumed.safetensors");
        FileCheckpoints checkpoints =
                new FileCheckpoints(directory.resolve("checkpoints"), Duration.ZERO, Clock.systemUTC());
        assertThatIllegalStateException()
                .isThrownBy(() -> tune(resumed, checkpoints, (done, _) -> {
                    if (done >= 0.5) {
                        throw new IllegalStateException("killed");
                    }
                }));
        tune(resumed, checkpoints, Progress.NONE);
        try (SafetensorsFile first = SafetensorsFile.open(overlay);
                SafetensorsFile second = SafetensorsFile.open(resumed)) {
            assertThat(second.names()).isEqualTo(first.names());
            for (String name : first.names()) {
                assertThat(second.tensor(name).floats())
                        .as(name)
                        .containsExactly(first.tensor(name).floats());
            }
        }
    }

    @Test
    void theCheckpointComputesWhatTheTrainedModelDid() {
        float[] trained = trained();
        Path without = rewritten("without", List.of());
        double error = difference(assembled("with", overlay), trained);
        assertThat(error).isLessThan(0.01);
        assertThat(difference(assembled("without", without), trained)).isGreaterThan(10 * error);
        try (ModelDirectory assembled = ModelDirectory.open(directory.resolve("with"))) {
            assertThat(assembled
                            .weights()
                            .tensor(ONE)
                            .requireShape(List.of(512L, 2L))
                            .type())
                    .isEqualTo(DataType.F16);
        }
        try (ModelDirectory assembled = ModelDirectory.open(directory.resolve("without"))) {
            assertThat(assembled.weights().names()).noneMatch(name -> name.endsWith(TABLE));
        }
    }

    @Test
    void aTableThatIsNoneIsRefused() {
        Path short_ = rewritten("short", List.of(Tensors.ofFloats(ONE, List.of(256L, 2L), new float[512])));
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> assembled("refused", short_))
                .withMessage(ONE + ": 256 x 2 (expected: 512 x 2)");
        assertThat(directory.resolve("refused")).doesNotExist();
        float[] infinite = Hybrid.standard().pairs();
        infinite[5] = Float.POSITIVE_INFINITY;
        Path bad = rewritten("bad", List.of(Tensors.ofFloats(ONE, List.of(512L, 2L), infinite)));
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> assembled("infinite", bad))
                .withMessageContaining(ONE);
    }

    @Test
    void aCheckpointWhoseTablesDoNotFitIsRefused() throws IOException {
        assembled("misfit", overlay);
        Path checkpoint = directory.resolve("misfit");
        String config = Files.readString(checkpoint.resolve("config.json"));
        Files.writeString(checkpoint.resolve("config.json"), config.replace("\"hyb\"", "\"pair\""));
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> ModelDirectory.open(checkpoint).close())
                .withMessage("model.layers.0.mlp.down_proj.tlut: not a tensor of llama");
        Files.writeString(checkpoint.resolve("config.json"), config);
        Path weights = checkpoint.resolve("model.safetensors");
        try (SafetensorsFile file = SafetensorsFile.open(Files.move(weights, directory.resolve("moved")))) {
            List<Tensor> tensors = new ArrayList<>(file.names().stream()
                    .filter(name -> !name.equals(ONE))
                    .map(file::tensor)
                    .toList());
            tensors.add(Tensors.ofHalves(ONE, List.of(1024L, 2L), new float[2048]));
            SafetensorsWriter.write(weights, Map.of(), tensors);
        }
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> ModelDirectory.open(checkpoint).close())
                .withMessage(ONE + ": 1024 x 2 (expected: 512 x 2)");
    }

    private static TuningReport tune(Path output, TuningCheckpoints checkpoints, Progress progress) {
        return tune(List.of(), 3, output, checkpoints, progress);
    }

    private static TuningReport tune(
            List<Path> overlays, int epochs, Path output, TuningCheckpoints checkpoints, Progress progress) {
        TuningSchedule schedule = new TuningSchedule(5e-3, 2e-3, epochs, 2, 2, 0.2, 0);
        TuningConfig tuning = new TuningConfig(TuningMode.BLOCKS_AND_END_TO_END, schedule, schedule, 0.2, 3);
        ModelTuner.Task task =
                new ModelTuner.Task(fixture.groups(model), overlays, fixture.windows(), fixture.activations(2));
        return new ModelTuner(BACKEND, model, fixture.scheme(), tuning).tune(task, output, checkpoints, progress);
    }

    /** The overlay without its tables but these. */
    private static Path rewritten(String name, List<Tensor> tables) {
        Path path = directory.resolve(name + ".safetensors");
        try (SafetensorsFile file = SafetensorsFile.open(overlay)) {
            List<Tensor> tensors = new ArrayList<>(tables);
            file.names().stream()
                    .filter(tensor -> !tensor.endsWith(TABLE))
                    .forEach(tensor -> tensors.add(file.tensor(tensor)));
            SafetensorsWriter.write(path, Map.of(), tensors);
        }
        return path;
    }

    /** The logits of the checkpoint with this overlay. */
    private static float[] assembled(String name, Path tuned) {
        Path checkpoint = directory.resolve(name);
        CheckpointAssembler.assemble(model, fixture.groups(model), List.of(tuned), fixture.scheme(), checkpoint);
        try (ModelDirectory opened = ModelDirectory.open(checkpoint);
                Decoder llama = Decoder.load(BACKEND, opened, Progress.NONE);
                Workspace workspace = BACKEND.workspace()) {
            Matrix logits = llama.logits(workspace, llama.hiddenStates(workspace, windows()));
            return new MatrixRows(BACKEND, logits).values();
        }
    }

    /** Those of the model in training, as the overlay left it. */
    private static float[] trained() {
        try (TrainingSource source =
                        TrainingSource.open(model, fixture.scheme(), fixture.groups(model), List.of(overlay));
                TrainableModel training = TrainableModel.load(BACKEND, source, 2 * 16);
                SafetensorsFile file = SafetensorsFile.open(overlay);
                Workspace workspace = BACKEND.workspace()) {
            Matrix hidden = training.forward(windows());
            Matrix norm = WeightLoader.load(BACKEND, workspace, file.tensor("model.norm.weight"));
            Matrix head = WeightLoader.load(BACKEND, workspace, file.tensor("lm_head.weight"));
            Matrix logits = workspace.matrix(hidden.rows(), head.rows());
            BACKEND.transformer().rmsNorm(hidden, norm, 1e-5f, hidden);
            BACKEND.dense().project(hidden, List.of(head), List.of(logits));
            return new MatrixRows(BACKEND, logits).values();
        }
    }

    private static List<int[]> windows() {
        return fixture.windows().tokens().subList(0, 2);
    }

    /** The length of the difference, as a part of that of what is right. */
    private static double difference(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double error = 0;
        double energy = 0;
        for (int i = 0; i < expected.length; i++) {
            error += Math.pow((double) actual[i] - expected[i], 2);
            energy += Math.pow(expected[i], 2);
        }
        return Math.sqrt(error / energy);
    }
}
