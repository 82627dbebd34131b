package dev.quipforge.cli.job;

import dev.quipforge.llm.calibration.CalibrationSource;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Builds the JSON of a new job; what is not set is left to the server's defaults. */
public final class JobRequest {

    private final ObjectNode root = JsonMapper.shared().createObjectNode();

    /** A job on the model in {@code directory}. */
    public JobRequest(Path directory) {
        root.putObject("model").put("directory", absolute(directory));
    }

    /** Its name for people. */
    public JobRequest name(@Nullable String name) {
        if (name != null) {
            root.put("name", name);
        }
        return this;
    }

    /** A field of the recipe. */
    public JobRequest recipe(String field, @Nullable Object value) {
        return put(root.withObjectProperty("recipe"), field, value);
    }

    /** A field of the recipe's tuning. */
    public JobRequest tuning(String field, @Nullable Object value) {
        return value == null ? this : put(root.withObjectProperty("recipe").withObjectProperty("tuning"), field, value);
    }

    /** A text to calibrate on, or the word that has the model write the windows itself (a file of that name is {@code ./} more). */
    public JobRequest calibrationOn(@Nullable Path text) {
        return text != null && text.toString().equals(CalibrationSource.SELF_GENERATED)
                ? calibration("source", CalibrationSource.SELF_GENERATED)
                : calibration("text", text);
    }

    /** A field of the recipe's calibration. */
    public JobRequest calibration(String field, @Nullable Object value) {
        return value == null
                ? this
                : put(root.withObjectProperty("recipe").withObjectProperty("calibration"), field, value);
    }

    /** A field of the evaluation. */
    public JobRequest evaluation(String field, @Nullable Object value) {
        return value == null ? this : put(root.withObjectProperty("evaluation"), field, value);
    }

    /** The request. */
    public ObjectNode json() {
        return root;
    }

    private JobRequest put(ObjectNode object, String field, @Nullable Object value) {
        if (value instanceof Path path) {
            object.put(field, absolute(path));
        } else if (value != null) {
            object.putPOJO(field, value);
        }
        return this;
    }

    private static String absolute(Path path) {
        return path.toAbsolutePath().normalize().toString();
    }
}
