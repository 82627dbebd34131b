package dev.quipforge.llm.family;

import dev.quipforge.llm.architecture.Architecture;

/** Models that differ only in what their {@code config.json} says: those of one {@code model_type}. */
interface Family {

    /**
     * The architecture of a model.
     *
     * @param config its fields
     * @throws dev.quipforge.llm.InvalidModelException naming the field that is wrong or asks for what is not supported
     */
    Architecture read(DecoderConfig config);
}
