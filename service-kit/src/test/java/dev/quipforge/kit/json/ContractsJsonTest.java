package dev.quipforge.kit.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.contracts.AssembleModel;
import dev.quipforge.contracts.Evaluation;
import dev.quipforge.contracts.ImportModel;
import dev.quipforge.contracts.Incoherence;
import dev.quipforge.contracts.QuantizationRecipe;
import dev.quipforge.contracts.QuantizeGroup;
import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.contracts.TaskEvent.TaskSucceeded;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.ModelImported;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

class ContractsJsonTest {

    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final JsonMapper MAPPER = ContractsJson.mapper();

    static Stream<Record> messages() {
        return Messages.all();
    }

    @ParameterizedTest
    @MethodSource("messages")
    void everyMessageIsWrittenAsItsGoldenFileAndReadBack(Record message) throws IOException {
        String golden = Files.readString(GOLDEN.resolve(name(message) + ".json"));

        assertThat(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(message))
                .isEqualToNormalizingNewlines(golden.stripTrailing());
        assertThat(MAPPER.readValue(golden, declaredType(message))).isEqualTo(message);
    }

    @Test
    void thereIsAMessageForEveryPermittedType() {
        assertThat(Messages.tasks().map(Object::getClass)).containsExactlyInAnyOrder(permitted(Task.class));
        assertThat(Messages.results().map(Object::getClass)).containsExactlyInAnyOrder(permitted(TaskResult.class));
        assertThat(Stream.concat(Messages.events().map(Object::getClass), Stream.of(TaskSucceeded.class)))
                .containsExactlyInAnyOrder(permitted(TaskEvent.class));
    }

    @Test
    void anUnknownTypeIsRefused() {
        String unknown = "{\"type\":\"java.net.URL\",\"url\":\"http://example.org\"}";

        assertThatExceptionOfType(JacksonException.class)
                .isThrownBy(() -> MAPPER.readValue(unknown, Task.class))
                .withMessageContaining("java.net.URL");
    }

    @Test
    void aMissingPropertyIsRefused() {
        String incomplete = "{\"type\":\"ShardCalibrated\",\"tokens\":5}";

        assertThatExceptionOfType(JacksonException.class)
                .isThrownBy(() -> MAPPER.readValue(incomplete, TaskResult.class))
                .withMessageContaining("output");
    }

    @Test
    void whatMayBeNullMayBeMissing() {
        QuantizeGroup group = new QuantizeGroup(
                "m", 0, "i", "h", null, new QuantizationRecipe("qtip", "3inst", 2, "seam", "ldlq", "h", 0, 1), "o");
        String earlier = MAPPER.writerFor(Task.class)
                .writeValueAsString(group)
                .replace("\"overlay\":null,", "")
                .replace(",\"overrides\":null", "");

        assertThat(earlier).doesNotContain("overlay", "overrides");
        assertThat(MAPPER.readValue(earlier, Task.class)).isEqualTo(group);
    }

    @Test
    void figuresOfEarlierVersionsHadNoSpecialTokens() {
        String earlier = "{\"originalPerplexity\":19.09,\"quantizedPerplexity\":36.1,\"meanDivergence\":0.61,"
                + "\"topAgreement\":0.55,\"tokens\":100000,\"windows\":196,\"window\":512}";

        assertThat(MAPPER.readValue(earlier, Evaluation.class))
                .isEqualTo(new Evaluation(19.09, 36.1, 0.61, 0.55, 100_000, 196, 512, null));
    }

    @Test
    void linearsOfEarlierVersionsSayNothingOfTokens() {
        String earlier = "{\"name\":\"q_proj\",\"weights\":100,\"bits\":204,\"proxyLoss\":0.03,\"damping\":0,"
                + "\"incoherence\":{\"weights\":{\"before\":40,\"after\":5,\"bound\":null},\"hessian\":null},\"kept\":null}";

        assertThat(MAPPER.readValue(earlier, TaskResult.QuantizedLinear.class))
                .isEqualTo(new TaskResult.QuantizedLinear(
                        "q_proj",
                        100,
                        204,
                        0.03,
                        0,
                        new Incoherence(new Incoherence.Mu(40, 5, null), null),
                        null,
                        null,
                        null,
                        null));
    }

    @Test
    void whatEarlierVersionsListedIsReadAsWell() {
        TaskResult.LinearGroup group = new TaskResult.LinearGroup(1, "mlp-in", List.of("up_proj"), 500);
        ModelImported listed =
                new ModelImported("d", "models/d", "demo", 1, 2, List.of(group), null, null, 64, 512, null);
        String earlierImport =
                MAPPER.writerFor(TaskResult.class).writeValueAsString(listed).replace("\"blocks\":null,", "");
        AssembleModel assemble = new AssembleModel(
                "models/d",
                List.of("quantized/q/0/mlp-in.safetensors"),
                null,
                new QuantizationRecipe("qtip", "3inst", 2, "seam", "ldlq", "h", 0, 1),
                "checkpoints/k",
                null);
        String earlierAssembly =
                MAPPER.writerFor(Task.class).writeValueAsString(assemble).replace(",\"files\":null", "");

        assertThat(earlierImport).doesNotContain("blocks");
        assertThat(((ModelImported) MAPPER.readValue(earlierImport, TaskResult.class)).linearGroups())
                .containsExactly(group);
        assertThat(earlierAssembly).doesNotContain("files");
        assertThat(((AssembleModel) MAPPER.readValue(earlierAssembly, Task.class)).groupKeys(List.of()))
                .containsExactly("quantized/q/0/mlp-in.safetensors");
    }

    @Test
    void anImportWithoutATextHasTheModelWriteIt() {
        ImportModel task =
                new ImportModel("/models/demo", new ImportModel.CalibrationSource(null, 256, 512), null, null);
        String written = MAPPER.writerFor(Task.class).writeValueAsString(task);

        assertThat(MAPPER.readValue(written, Task.class)).isEqualTo(task);
    }

    @Test
    void aPropertyOfALaterVersionIsSkipped() {
        String later = "{\"type\":\"ShardCalibrated\",\"output\":\"o\",\"tokens\":5,\"mood\":\"good\"}";

        assertThat(MAPPER.readValue(later, TaskResult.class)).isEqualTo(new TaskResult.ShardCalibrated("o", 5));
    }

    private static String name(Record message) {
        return switch (message) {
            case TaskCommand command ->
                "TaskCommand-" + command.work().getClass().getSimpleName();
            case TaskSucceeded succeeded ->
                "TaskSucceeded-" + succeeded.result().getClass().getSimpleName();
            default -> message.getClass().getSimpleName();
        };
    }

    private static Class<?> declaredType(Record message) {
        return message instanceof TaskEvent ? TaskEvent.class : message.getClass();
    }

    private static Class<?>[] permitted(Class<?> sealed) {
        return sealed.getPermittedSubclasses();
    }
}
