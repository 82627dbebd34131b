package dev.quipforge.llm.family;

import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.json.JsonFields;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The families that are known, by {@code model_type}. */
public final class Families {

    private static final String MODEL_TYPE = "model_type";

    private static final SortedMap<String, Family> KNOWN = new TreeMap<>(Map.ofEntries(
            Map.entry("cohere2", new Cohere2()),
            Map.entry("deepseek_v3", new DeepseekV3()),
            Map.entry("gemma2", new Gemma2()),
            Map.entry("gemma3_text", new Gemma3()),
            Map.entry("glm4", new Glm4()),
            Map.entry("gpt_oss", new GptOss()),
            Map.entry("granite", new Granite()),
            Map.entry("llama", new Llama()),
            Map.entry("mistral", new Mistral()),
            Map.entry("mixtral", new Mixtral()),
            Map.entry("olmo2", new Olmo2()),
            Map.entry("olmoe", new Olmoe()),
            Map.entry("phi3", new Phi3()),
            Map.entry("qwen2", new Qwen2()),
            Map.entry("qwen3", new Qwen3()),
            Map.entry("qwen3_moe", new Qwen3Moe()),
            Map.entry("smollm3", new SmolLm3())));

    private Families() {}

    /**
     * The architecture of a model.
     *
     * @param fields its configuration, or that of its text part
     * @param names what its tensors are called
     * @throws dev.quipforge.llm.InvalidModelException naming the field that is wrong, or the families that are known
     */
    public static Architecture read(JsonFields fields, TensorNames names) {
        return family(fields).read(new DecoderConfig(fields, names));
    }

    /**
     * The architecture of the text part of a larger model, whose {@code text_config} may leave out what Transformers has for it.
     *
     * @param fields its configuration
     * @param names what its tensors are called
     * @throws dev.quipforge.llm.InvalidModelException naming the field that is wrong, or the families that are known
     */
    public static Architecture readTextPart(JsonFields fields, TensorNames names) {
        return read(fields.withDefaults(family(fields).classDefaults()), names);
    }

    private static Family family(JsonFields fields) {
        Family family = KNOWN.get(fields.text(MODEL_TYPE));
        if (family == null) {
            throw fields.wrong(MODEL_TYPE, "one of " + KNOWN.keySet());
        }
        return family;
    }
}
