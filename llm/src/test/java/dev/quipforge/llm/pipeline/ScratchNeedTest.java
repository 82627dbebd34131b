package dev.quipforge.llm.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.calibration.CalibrationSource;
import dev.quipforge.llm.calibration.CalibrationWindows;
import dev.quipforge.llm.calibration.HessianCollector;
import dev.quipforge.llm.calibration.HessianFiles;
import dev.quipforge.llm.calibration.HessianReducer;
import dev.quipforge.llm.config.QuantizationCode;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.config.TuningMode;
import dev.quipforge.llm.config.TuningPreset;
import dev.quipforge.llm.file.DiskSpaceException;
import dev.quipforge.llm.file.FreeSpace;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.quantization.GroupQuantizer;
import dev.quipforge.llm.testing.ReferenceModel;
import dev.quipforge.llm.testing.TestModels;
import dev.quipforge.llm.tuning.ActivationCollector;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScratchNeedTest {

    private static final int WINDOWS = 5;
    private static final int LENGTH = 16;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"qwen3", "qwen3_moe", "deepseek_v3"})
    void isWhatTheFilesOfAModelHold(String family) throws IOException {
        QuantizationConfig config = QuantizationConfig.of(QuantizationCode.THREE_INST, 2, 0);
        try (ComputeBackend backend = ComputeBackends.named("vector");
                ModelDirectory model = ModelDirectory.open(
                        ReferenceModel.write(family, directory).directory())) {
            ScratchNeed need = new ScratchNeed(model.config().architecture());
            CalibrationWindows windows = new CalibrationWindows(
                    LENGTH,
                    IntStream.range(0, WINDOWS)
                            .mapToObj(i -> IntStream.range(i, i + LENGTH)
                                    .map(j -> 7 * j)
                                    .toArray())
                            .toList());
            Path sums = directory.resolve("sums");
            new HessianCollector(backend, model).collect(windows, 0, WINDOWS, sums, Progress.NONE);
            assertThat(need.sums()).isEqualTo(data(sums));
            Path states = directory.resolve("states");
            new ActivationCollector(backend, model).collect(windows, 0, WINDOWS, states, Progress.NONE);
            assertThat(need.allHiddenStates(WINDOWS, LENGTH)).isEqualTo(data(states));

            LinearGroup group = model.linearGroups().getLast();
            Path hessian = directory.resolve("hessian");
            List<Path> pools = HessianFiles.isOfExperts(group.key())
                    ? List.of(HessianFiles.path(sums, group.block(), HessianFiles.EXPERTS))
                    : List.of();
            HessianReducer.reduce(List.of(HessianFiles.path(sums, group)), pools, hessian);
            assertThat(need.hessians(group)).isEqualTo(data(hessian));
            Path codes = directory.resolve("codes");
            new GroupQuantizer(backend, config)
                    .quantize(model, group, hessian, Progress.NONE)
                    .write(codes);
            assertThat(need.codes(group, config)).isBetween(data(codes), data(codes) * 5 / 4);
        }
    }

    /** Bytes of the tensors in all files below. */
    private static long data(Path root) throws IOException {
        try (Stream<Path> walk = Files.walk(root)) {
            long bytes = 0;
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                try (FileChannel channel = FileChannel.open(file)) {
                    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                    channel.read(length);
                    bytes += channel.size() - Long.BYTES - length.getLong(0);
                }
            }
            return bytes;
        }
    }

    @Test
    void aTrainingNeedsLessAfterEveryGroup() {
        Path files = TestModels.tiny(directory.resolve("tiny"), 1);
        try (ModelDirectory model = ModelDirectory.open(files)) {
            ScratchNeed need = new ScratchNeed(model.config().architecture());
            BlockSpec block = model.config().architecture().blocks().getFirst();
            long weights =
                    block.groups().stream().mapToLong(LinearGroup::weights).sum();

            assertThat(block.groups().stream()
                            .map(group -> need.training(block, group.key()))
                            .toList())
                    .isSortedAccordingTo(Comparator.reverseOrder())
                    .doesNotHaveDuplicates();
            assertThat(need.training(block, "attention-in")).isLessThan(5 * (weights + 2 * 1024) * Float.BYTES);
            assertThat(need.training())
                    .isGreaterThan(need.training(block, block.groups().getLast().key()));
        }
    }

    @Test
    void aDiskWithLessIsRefusedByNameNeedAndWhatIsFree() {
        FreeSpace.requireFree(directory.resolve("not/there/yet"), 1, "a byte");
        assertThatExceptionOfType(DiskSpaceException.class)
                .isThrownBy(() -> FreeSpace.requireFree(directory.resolve("new"), 7_000_000_000_000_000L, "a test"))
                .withMessageStartingWith(directory.resolve("new") + ": a test needs 7000000.0 GB here, ")
                .withMessageContaining(" GB are free");
    }

    @Test
    void aQuantizationThatDoesNotFitFailsBeforeItBegins() throws IOException {
        Path model = TestModels.tiny(directory.resolve("model"), 1);
        LocalQuantization.Request request = new LocalQuantization.Request(
                model,
                directory.resolve("out"),
                new CalibrationSource.SelfGenerated(1, 2_000_000_000, 2048),
                QuantizationScheme.uniform(QuantizationConfig.of(QuantizationCode.THREE_INST, 2, 0)),
                tuning(model));
        try (ComputeBackend backend = ComputeBackends.named("vector")) {
            assertThatExceptionOfType(DiskSpaceException.class)
                    .isThrownBy(() -> LocalQuantization.run(backend, request, LocalQuantization.StageListener.NONE))
                    .withMessageStartingWith(directory + ": quantizing model needs ");
        }
        assertThat(directory.resolve("out")).doesNotExist();
    }

    private static TuningConfig tuning(Path model) {
        try (ModelDirectory opened = ModelDirectory.open(model)) {
            return TuningConfig.of(TuningMode.BLOCKS, TuningPreset.STANDARD, opened.config());
        }
    }
}
