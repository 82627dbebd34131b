package dev.quipforge.llm.family;

import dev.quipforge.llm.architecture.Architecture;
import java.util.Map;

/** Models that differ only in what their {@code config.json} says: those of one {@code model_type}. */
interface Family {

    /**
     * The architecture of a model.
     *
     * @param config its fields
     * @throws dev.quipforge.llm.InvalidModelException naming the field that is wrong or asks for what is not supported
     */
    Architecture read(DecoderConfig config);

    /**
     * The values of fields that a {@code text_config} may leave out, because they are those of its class in Transformers: a
     * larger model is saved with only what differs from them. Fields whose usual value {@link #read} knows need not be here.
     */
    default Map<String, Object> classDefaults() {
        return Map.of();
    }
}
