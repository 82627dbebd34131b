package dev.quipforge.gateway.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.Incoherence;
import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.BlockRange;
import dev.quipforge.contracts.TaskResult.GroupQuantized;
import dev.quipforge.contracts.TaskResult.GroupSize;
import dev.quipforge.contracts.TaskResult.ModelImported;
import dev.quipforge.contracts.TaskResult.QuantizedLinear;
import dev.quipforge.contracts.TuningRecipe;
import dev.quipforge.gateway.Requests;
import dev.quipforge.gateway.request.JobRequest;
import dev.quipforge.kit.json.ContractsJson;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kafka takes records of 1 MB at most. The largest model that is planned here has 61 blocks, 58 of them with 256 experts. */
class RecordSizeTest {

    private static final int MOST = 256 * 1024;
    private static final String DIGEST = "5".repeat(64);

    static Stream<JobRequest> requests() {
        TuningRecipe tuning = new TuningRecipe("blocks+end-to-end", "standard", null, null, null, null);
        return Stream.of(
                Requests.FULL,
                Requests.tuned(Requests.FULL, tuning),
                Requests.tuned(Requests.selfGenerated(7), tuning));
    }

    /** With as many windows as a job may ask for. */
    @ParameterizedTest
    @MethodSource("requests")
    void everyCommandForAModelWithManyExpertsFitsIntoARecord(JobRequest request) {
        ModelImported imported = imported(request.isSelfGenerated() ? null : "calibration/" + DIGEST);
        Map<String, TaskResult> finished = Map.of(Planner.IMPORT, imported);

        assertThat(event(imported)).hasSizeLessThan(MOST);
        List<PlannedTask> plan = Planner.plan(request, finished);
        assertThat(plan).hasSizeGreaterThan(58 * 64);
        assertThat(plan)
                .as("all but the last, which only has sums of results")
                .filteredOn(task -> !task.key().equals("publish"))
                .allSatisfy(task -> assertThat(command(task.command().apply(finished)))
                        .as(task.key())
                        .hasSizeLessThan(MOST));
    }

    /** 512 experts of 2048 × 512 make groups of 60. */
    @Test
    void theReportOfALargeGroupOfExpertsFitsIntoARecord() {
        Incoherence.Mu mu = new Incoherence.Mu(123.4567890123456, 12.34567890123456, 23.45678901234567);
        List<QuantizedLinear> linears = IntStream.range(0, 3 * 60)
                .mapToObj(i -> new QuantizedLinear(
                        "model.language_model.layers.47.mlp.experts.%d.gate_proj".formatted(511 - i / 3),
                        1_048_576,
                        2_123_456,
                        0.01234567890123456,
                        0.01234567890123456,
                        new Incoherence(mu, mu),
                        null,
                        511 - i / 3,
                        131_072L,
                        0.1234567890123456))
                .toList();

        assertThat(event(new GroupQuantized("quantized/" + DIGEST + "/47/experts-452-511.safetensors", linears, 1.5)))
                .hasSizeLessThan(MOST);
    }

    private static ModelImported imported(@Nullable String tokens) {
        Stream<String> attention =
                Stream.of("attention-in", "query-up", "key-value-up", "attention-out", "shared-in", "shared-down");
        Stream<String> experts = IntStream.range(0, 64).mapToObj(i -> "experts-%d-%d".formatted(4 * i, 4 * i + 3));
        List<GroupSize> groups = Stream.concat(attention, experts)
                .map(group -> new GroupSize(group, 176_160_768))
                .toList();
        List<BlockRange> blocks = List.of(new BlockRange(0, 2, groups.subList(0, 6)), new BlockRange(3, 60, groups));
        return new ModelImported(
                DIGEST, "models/" + DIGEST, "m", 1L << 40, 1L << 41, null, blocks, tokens, 65_536, 512, "texts/t");
    }

    private static byte[] command(Task work) {
        return ContractsJson.mapper().writeValueAsBytes(new TaskCommand(UUID.randomUUID(), UUID.randomUUID(), 1, work));
    }

    private static byte[] event(TaskResult result) {
        return ContractsJson.mapper()
                .writeValueAsBytes(new TaskEvent.TaskSucceeded(
                        UUID.randomUUID(), UUID.randomUUID(), 1, "w", Instant.EPOCH, result, 1));
    }
}
