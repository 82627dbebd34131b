package dev.quipforge.kit.json;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.contracts.TaskResult;
import java.util.List;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * The one JSON form of the messages: records by component name, instants in ISO-8601, and a property {@code type} with
 * the simple class name wherever a sealed interface stands.
 *
 * <p>Reading is strict about meaning and lenient about growth: an unknown {@code type} and a missing property are errors,
 * a property that this version does not know is skipped.
 */
public final class ContractsJson {

    private static final List<Class<?>> SEALED = List.of(Task.class, TaskEvent.class, TaskResult.class);
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .addModule(module())
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private ContractsJson() {}

    /** The mapper for Kafka records and for summaries in the artifact store; immutable, shared. */
    public static JsonMapper mapper() {
        return MAPPER;
    }

    /** The sealed types alone, for a mapper that serves other purposes too, such as the one of a REST API. */
    public static JacksonModule module() {
        SimpleModule module = new SimpleModule("quipforge-contracts");
        for (Class<?> sealed : SEALED) {
            module.setMixInAnnotation(sealed, Typed.class);
            module.registerSubtypes(sealed.getPermittedSubclasses());
        }
        return module;
    }

    /** Writes the simple class name as the first property. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "type")
    private interface Typed {}
}
