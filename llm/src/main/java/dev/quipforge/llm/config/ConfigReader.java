package dev.quipforge.llm.config;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.family.Families;
import dev.quipforge.llm.family.TensorNames;
import dev.quipforge.llm.json.JsonFields;
import dev.quipforge.llm.json.StrictJson;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reads {@code config.json}: of a decoder, or of a larger model whose text part, described in {@code text_config}, is one. The
 * text part alone is computed with and quantized; everything else is passed through.
 */
public final class ConfigReader {

    /** Name of the file. */
    public static final String FILE = "config.json";

    private static final String TEXT = "text_config";
    private static final String QUANTIZATION = "quantization_config";
    private static final String END_TOKENS = "eos_token_id";
    private static final String BLOCK_SIZE = "weight_block_size";
    private static final String TIED = "tie_word_embeddings";

    private ConfigReader() {}

    /**
     * Reads the configuration of {@code directory}, whose weights need not be there.
     *
     * @throws InvalidModelException when it is absent, of a family that is not known, or a field is wrong
     */
    public static ModelConfig read(Path directory) {
        return read(directory, Set::of);
    }

    /**
     * Reads the configuration of {@code directory}.
     *
     * @param tensors gives the names of its tensors, by which the text part of a larger model is found
     * @throws InvalidModelException when it is absent, of a family that is not known, or a field is wrong
     */
    public static ModelConfig read(Path directory, Supplier<Set<String>> tensors) {
        JsonFields fields = StrictJson.read(directory.resolve(FILE));
        Optional<JsonFields> text = fields.optionalObject(TEXT);
        Optional<JsonFields> quantization = fields.optionalObject(QUANTIZATION);
        Architecture architecture = text.map(part -> ofTextPart(fields, part, tensors.get()))
                .orElseGet(() -> Families.read(fields, TensorNames.PLAIN));
        return new ModelConfig(
                architecture,
                endTokens(
                        text.filter(part -> part.has(END_TOKENS)).orElse(fields),
                        architecture.sizes().vocabulary()),
                quantization.flatMap(own -> QuantizationJson.read(own)
                        .map(scheme -> QuantizationJson.requireGroups(own, scheme, architecture.groups()))),
                quantization.map(QuantizationJson::keptLinears).orElseGet(Set::of),
                quantization.map(ConfigReader::scaleBlock).orElse(ScaleBlock.USUAL),
                text.isPresent());
    }

    private static Architecture ofTextPart(JsonFields whole, JsonFields part, Set<String> tensors) {
        TensorNames names = TensorNames.ofTextPart(tensors);
        if (!tensors.isEmpty() && !tensors.contains(names.embedding())) {
            throw new InvalidModelException(
                    TEXT, "the tensors of the text part are missing (expected: such as " + names.embedding() + ")");
        }
        JsonFields fields = part.has(TIED) || !whole.has(TIED) ? part : part.with(TIED, whole.flag(TIED, false));
        return Families.readTextPart(fields, names);
    }

    private static ScaleBlock scaleBlock(JsonFields fields) {
        List<Long> sizes = fields.counts(BLOCK_SIZE);
        if (sizes.isEmpty()) {
            return ScaleBlock.USUAL;
        }
        if (sizes.size() != 2 || sizes.stream().anyMatch(size -> size < 1 || size > Integer.MAX_VALUE)) {
            throw fields.wrong(BLOCK_SIZE, "two positive numbers");
        }
        return new ScaleBlock(sizes.get(0).intValue(), sizes.get(1).intValue());
    }

    private static List<Integer> endTokens(JsonFields fields, int vocabulary) {
        List<Long> tokens = fields.counts(END_TOKENS);
        if (tokens.stream().anyMatch(token -> token >= vocabulary)) {
            throw fields.wrong(END_TOKENS, "token ids below the vocab_size " + vocabulary);
        }
        return tokens.stream().map(Math::toIntExact).toList();
    }
}
