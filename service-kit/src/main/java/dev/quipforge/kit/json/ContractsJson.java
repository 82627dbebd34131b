package dev.quipforge.kit.json;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.contracts.TaskResult;
import java.lang.reflect.Executable;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.AnnotatedParameter;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * The one JSON form of the messages: records by component name, instants in ISO-8601, and a property {@code type} with
 * the simple class name wherever a sealed interface stands.
 *
 * <p>Reading is strict about meaning and lenient about growth: an unknown {@code type} is an error, and so is a missing property,
 * unless it may be null: what is added later is. A property that this version does not know is skipped.
 */
public final class ContractsJson {

    private static final List<Class<?>> SEALED = List.of(Task.class, TaskEvent.class, TaskResult.class);
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .addModule(module())
            .annotationIntrospector(new Demands())
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

    /** Demands every component of a record that is not marked as nullable. */
    private static final class Demands extends JacksonAnnotationIntrospector {

        private static final long serialVersionUID = 1;

        @Override
        public Boolean hasRequiredMarker(MapperConfig<?> config, AnnotatedMember member) {
            return !(member instanceof AnnotatedParameter parameter
                    && parameter.getOwner().getAnnotated() instanceof Executable creator
                    && creator.getAnnotatedParameterTypes()[parameter.getIndex()].isAnnotationPresent(Nullable.class));
        }
    }

    /** Writes the simple class name as the first property. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "type")
    private interface Typed {}
}
